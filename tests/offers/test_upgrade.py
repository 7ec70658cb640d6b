"""The automatic upgrade: a passkey that the browser adds by itself after a sign-in with a password."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys import actions, signals
from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.signals import sent
from ..helpers.steps import SignedIn, answer, ask, enrol, outcome, post, verify
from .site import change_session

# What a conditional create() answers with: nobody was there, nobody was verified.
UNASKED: dict[str, Any] = {"user_present": False, "user_verified": False}


@pytest.fixture
def browser(alice: User) -> Client:
    """Return alice's browser, signed in with her password."""
    client = Client()
    assert client.login(username="alice", password=PASSWORD)
    return client


def begin(client: Client) -> Any:
    """Ask for the options of an upgrade."""
    return post(client, "register-options", {"upgrade": True})


def age(client: Client, seconds: int) -> None:
    """Let the sign-in of a browser lie back."""
    marker = client.session[MARKER]
    change_session(client, **{MARKER: marker | {"time": marker["time"] - seconds}})


def test_adds_a_passkey(browser: Client, authenticator: Authenticator, alice: User) -> None:
    """S3.5: the browser adds one without asking the user, after a password sign-in."""
    options = begin(browser).json()
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    made = authenticator.create(options, **UNASKED)
    assert outcome(answer(browser, "register", made)) == "201"
    [passkey] = Passkey.objects.for_user(alice)
    assert not passkey.user_verified


def test_passkey_then_signs_in(browser: Client, authenticator: Authenticator) -> None:
    """S3.5: a passkey that nobody was verified for still needs verification to sign in (T23)."""
    made = authenticator.create(begin(browser).json(), **UNASKED)
    answer(browser, "register", made)
    visitor = Client()
    assert sign_in(visitor, authenticator, user_verified=False, force=True).status_code == 422
    assert SESSION_KEY not in visitor.session
    assert sign_in(visitor, authenticator).status_code == 200
    assert Passkey.objects.get().user_verified


@pytest.mark.parametrize("missing", [*({name: False} for name in UNASKED), UNASKED])
@pytest.mark.parametrize("setting", ["required", "preferred"])
def test_only_an_upgrade_comes_unasked(
    browser: Client,
    authenticator: Authenticator,
    settings: Any,
    missing: dict[str, Any],
    setting: str,
) -> None:
    """S3.5: what an upgrade may lack, a registration on the user's click must have (L3 §7.1 step 15)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = setting
    made = authenticator.create(ask(browser, "register-options"), **missing, force=True)
    allowed = setting == "preferred" and missing == {"user_verified": False}
    expected = "201" if allowed else "verification_failed"
    assert outcome(answer(browser, "register", made)) == expected
    assert Passkey.objects.exists() == allowed


@pytest.mark.parametrize("missing", [{}, *({name: False} for name in UNASKED)])
def test_an_upgrade_may_have_more(
    browser: Client, authenticator: Authenticator, missing: dict[str, Any]
) -> None:
    """S3.5: a browser that did ask the user is not refused for it."""
    made = authenticator.create(begin(browser).json(), **missing)
    assert outcome(answer(browser, "register", made)) == "201"


def test_answered_once(browser: Client, authenticator: Authenticator) -> None:
    """T1: the challenge of an upgrade is spent like any other."""
    options = begin(browser).json()
    assert outcome(answer(browser, "register", authenticator.create(options, **UNASKED))) == "201"
    again = Authenticator().create(options, **UNASKED)
    assert outcome(answer(browser, "register", again)) == "challenge_spent"
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize(("seconds", "status"), [(590, 200), (610, 204)])
def test_sign_in_too_long_ago(browser: Client, seconds: int, status: int) -> None:
    """S4.9: as for any passkey that is added, the sign-in was at most ten minutes ago."""
    age(browser, seconds)
    response = begin(browser)
    assert response.status_code == status
    assert (b"challenge" in response.content) == (status == 200)


@pytest.mark.usefixtures("passkey")
def test_not_after_a_passkey(client: Client, authenticator: Authenticator) -> None:
    """S3.5: who signed in with a passkey may add another, but not without being asked."""
    assert sign_in(client, authenticator).status_code == 200
    assert outcome(begin(client)) == "204"
    assert "challenge" in ask(client, "register-options")


def test_not_after_reauthentication(browser: Client) -> None:
    """S3.5: it belongs to the sign-in; a password typed for something else plants nothing."""
    change_session(browser, **{MARKER: browser.session[MARKER] | {"method": "password"}})
    assert outcome(begin(browser)) == "204"
    assert "challenge" in ask(browser, "register-options")


@pytest.mark.parametrize("device", [TOTPDevice, StaticDevice])
def test_not_before_the_second_factor(browser: Client, alice: User, device: type[Any]) -> None:
    """S3.5: a password alone plants no passkey for a user who has a second factor."""
    made = device.objects.create(user=alice, name="phone", confirmed=True)
    assert outcome(begin(browser)) == "204"
    verify(browser, made)
    assert begin(browser).status_code == 200


def test_not_beside_a_passkey(alice: User, signed_in: SignedIn, passkey: Passkey) -> None:
    """S3.5: a passkey is a second factor too; who has it and typed a password must use it first."""
    assert outcome(begin(signed_in(alice, verified=False))) == "204"
    options = begin(signed_in(alice)).json()
    assert [one["id"] for one in options["excludeCredentials"]] == [passkey.id_base64url]


@pytest.mark.parametrize("flag", ["hijack_history", "loginas_from_user", "_impersonate"])
def test_not_while_impersonated(browser: Client, flag: str) -> None:
    """P13: support that signs in as alice gets no passkey of hers into its own browser."""
    change_session(browser, **{flag: ["1"]})
    assert outcome(begin(browser)) == "204"


def test_visitor(client: Client, db: None) -> None:
    """S3.5: there is nothing to upgrade for a visitor."""
    assert outcome(begin(client)) == "204"
    assert not SpentChallenge.objects.exists()


@pytest.mark.parametrize("asked", [False, None, "true", 1, [True], {}])
def test_only_true_asks_for_it(
    browser: Client, authenticator: Authenticator, asked: object
) -> None:
    """S3.5: whatever else eve writes there, the user must be asked."""
    options = post(browser, "register-options", {"upgrade": asked}).json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    made = authenticator.create(options, **UNASKED, force=True)
    assert outcome(answer(browser, "register", made)) == "verification_failed"


def test_of_another_user(
    browser: Client, eve: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """T5: eve cannot answer alice's upgrade, nor alice eve's."""
    hers, evil = begin(browser).json(), signed_in(eve)
    made = authenticator.create(hers, **UNASKED)
    assert outcome(answer(evil, "register", made)) == "challenge_invalid"
    made = Authenticator().create(begin(evil).json(), **UNASKED)
    assert outcome(answer(browser, "register", made)) == "challenge_invalid"
    assert not Passkey.objects.exists()


def test_signs_nobody_in(
    browser: Client, authenticator: Authenticator, alice: User, signed_in: SignedIn
) -> None:
    """T5: the challenge of an upgrade confirms nobody."""
    client = signed_in(alice)
    challenge = begin(client).json()["challenge"]
    enrol(client, authenticator)
    options = ask(client, "authenticate-options") | {"challenge": challenge}
    signed = authenticator.get(options)
    assert outcome(answer(client, "authenticate", signed)) == "challenge_invalid"


def test_action(request_of: Callable[[User], HttpRequest], alice: User) -> None:
    """S3.5: a site's own view begins it in the same way, and is refused in the same way."""
    request = request_of(alice)
    request.user.is_verified = lambda: False  # as django-otp's middleware does
    options = actions.begin_registration(request, upgrade=True)
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    del request.session[MARKER]
    with pytest.raises(ReauthenticationRequired):
        actions.begin_registration(request, upgrade=True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("upgrade", [True, False])
def test_receivers_learn_of_it(
    browser: Client, authenticator: Authenticator, upgrade: bool
) -> None:
    """S3.5: the signal says that the browser added it by itself."""
    options = post(browser, "register-options", {"upgrade": upgrade}).json()
    with sent(signals.passkey_registered) as calls:
        answer(browser, "register", authenticator.create(options))
    assert [call["purpose"] for call in calls] == ["upgrade" if upgrade else "register"]
