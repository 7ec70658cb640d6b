"""What a client without cookies proves before it adds a passkey, and what it takes for the proof to stand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.test import RequestFactory

from otp_passkeys.actions import without_cookies
from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator, Nonce

from ...conftest import PASSWORD
from ...helpers.enrolled import give_passkey
from ...helpers.reauthentication import code_of, recovery_codes, stored, totp_of
from ...helpers.rows import stored_passkey
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, outcome
from ...helpers.tokens import CONFIRM, REGISTER, app_of, asked, confirmed, in_between


def test_token_alone(alice: User) -> None:
    """N5, S4.7, P6, P11: somebody who has a token, and nothing else, adds no passkey."""
    app = app_of(alice)
    assert outcome(app.register(*REGISTER)) == "reauthentication_required"
    assert outcome(app.register(*REGISTER, confirm=CONFIRM)) == "reauthentication_required"
    assert not Passkey.objects.exists()


def test_proof_of_a_session(alice: User, signed_in: SignedIn) -> None:
    """N5: what a session has proved a moment ago counts only there."""
    browser = signed_in(alice)
    assert stored(browser)["method"] == "sign_in"
    body = {"nonce_hash": Nonce().hash}
    answered = browser.post(REGISTER[0], body, content_type="application/json", secure=True)
    assert outcome(answered) == "reauthentication_required"


def test_passkey_of_another_user(passkey: Passkey, bob: User, signed_in: SignedIn) -> None:
    """N5, T22: eve's own passkey proves nothing of the token that she stole, whichever question it answers."""
    theirs = Authenticator()
    give_passkey(bob, signed_in, theirs)
    proof = confirmed(app_of(passkey.user), theirs, credential=theirs.credentials[0], force=True)
    assert outcome(asked(app_of(passkey.user), **proof)) == "credential_user_mismatch"
    proof = confirmed(app_of(bob), theirs)
    assert outcome(asked(app_of(passkey.user), **proof)) == "challenge_invalid"


def test_no_room(passkey: Passkey, monkeypatch: pytest.MonkeyPatch) -> None:
    """T30: an account that is full is told so before a proof is asked for."""
    monkeypatch.setattr("otp_passkeys.actions.adding.MAX_PASSKEYS", 1)
    assert outcome(asked(app_of(passkey.user))) == "too_many_passkeys"


def test_proof_is_used_once(passkey: Passkey, authenticator: Authenticator) -> None:
    """T1: one confirmation begins one registration; a request that cannot be read does not use it up."""
    app = app_of(passkey.user)
    proof = confirmed(app, authenticator)
    assert outcome(app.post(REGISTER[0], {**proof, "nonce_hash": ""})) == "malformed_request"
    assert [outcome(asked(app, **proof)) for _ in range(2)] == ["200", "challenge_spent"]


def test_password(alice: User) -> None:
    """N6: the password is enough for a user who has no second factor, and a wrong one is none."""
    app = app_of(alice)
    with sent(user_login_failed) as failures:
        wrong = app.register(*REGISTER, proof={"password": "wrong"})
    assert (outcome(wrong), len(failures)) == ("reauthentication_failed", 1)
    assert app.register(*REGISTER, proof={"password": PASSWORD}).status_code == 201


def test_guesses(alice: User) -> None:
    """N7, T31: with a stolen token ten passwords are judged in ten minutes, and no more, however many tokens."""
    for _ in range(10):
        assert outcome(asked(app_of(alice), password="guess")) == "reauthentication_failed"
    waiting = asked(app_of(alice), password=PASSWORD)
    assert (outcome(waiting), int(waiting["Retry-After"]) > 0) == ("throttled", True)


@pytest.mark.parametrize("factor", [stored_passkey, totp_of])
def test_password_without_the_second_factor(alice: User, factor: Callable[[User], object]) -> None:
    """N6: a password that is known does not do without the second factor, and is not even judged."""
    factor(alice)
    for password in (PASSWORD, "wrong"):
        assert outcome(asked(app_of(alice), password=password)) == "reauthentication_required"
    assert not SpentChallenge.objects.exists()


def test_password_and_code(alice: User) -> None:
    """N6: both together prove it; the code is judged by its device alone if that takes it."""
    device, codes = totp_of(alice), recovery_codes(alice, "first")
    app = app_of(alice)
    wrong = asked(app, password="wrong", otp_token=code_of(device))
    assert outcome(wrong) == "reauthentication_failed"
    proof = {"password": PASSWORD, "otp_token": code_of(device)}
    assert app.register(*REGISTER, proof=proof).status_code == 201
    codes.refresh_from_db()
    assert codes.throttling_failure_count == 0
    assert outcome(asked(app, **proof)) == "reauthentication_failed"


def test_recovery_code(alice: User) -> None:
    """N6, S4.7: a recovery code is a code too, once."""
    totp_of(alice)
    recovery_codes(alice, "first")
    assert outcome(asked(app_of(alice), password=PASSWORD, otp_token="first")) == "200"
    again = asked(app_of(alice), password=PASSWORD, otp_token="first")
    assert outcome(again) == "reauthentication_failed"


@pytest.mark.parametrize("has_device", [True, False])
def test_no_password(alice: User, has_device: bool) -> None:
    """N6, S4.7: a user without a password proves it by the code; with neither there is no way here."""
    User.objects.update(password="!")
    otp_token = code_of(totp_of(alice)) if has_device else "123456"
    answered = asked(app_of(alice), password=PASSWORD, otp_token=otp_token)
    assert outcome(answered) == ("200" if has_device else "reauthentication_required")


def test_ways_of_the_site(alice: User, settings: Any) -> None:
    """A site that lets no password confirm a session takes none here."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_WAYS = ["otp_passkeys.actions.ways.PasskeyWay"]
    assert outcome(asked(app_of(alice), password=PASSWORD)) == "reauthentication_required"


def change_password() -> None:
    user = User.objects.get(username="alice")
    user.set_password("another")
    user.save()


@pytest.mark.parametrize(
    "happens",
    [
        lambda: Passkey.objects.all().delete(),
        lambda: Passkey.objects.update(confirmed=False),
        change_password,
    ],
    ids=["deleted", "disabled", "password"],
)
def test_proof_by_passkey_is_gone(
    passkey: Passkey, authenticator: Authenticator, happens: Callable[[], object]
) -> None:
    """N9, P15: what a stolen passkey began ends with it, and with a new password."""
    app = app_of(passkey.user)
    answered = in_between(app, happens, **confirmed(app, authenticator))
    assert outcome(answered) == "reauthentication_required"
    assert not Passkey.objects.exclude(pk=passkey.pk).exists()


@pytest.mark.parametrize("happens", ["deleted", "unconfirmed", "password", "nothing"])
def test_proof_by_code_is_gone(alice: User, happens: str) -> None:
    """N9, P15: so does what the code of a device began, and what the password began with it."""
    device = totp_of(alice)
    changes: dict[str, Callable[[], object]] = {
        "deleted": device.delete,
        "unconfirmed": lambda: type(device).objects.update(confirmed=False),
        "password": change_password,
        "nothing": lambda: None,
    }
    proof = {"password": PASSWORD, "otp_token": code_of(device)}
    answered = in_between(app_of(alice), changes[happens], **proof)
    assert outcome(answered) == ("201" if happens == "nothing" else "reauthentication_required")


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (totp_of, "reauthentication_required"),
        (lambda user: change_password(), "reauthentication_required"),
        (stored_passkey, "201"),
    ],
    ids=["authenticator app", "password", "passkey"],
)
def test_proof_by_password_is_gone(
    alice: User, happens: Callable[[User], object], expected: str
) -> None:
    """N9: a password alone is none any more if there is a second factor meanwhile; a passkey demands nothing."""
    answered = in_between(app_of(alice), lambda: happens(alice), password=PASSWORD)
    assert outcome(answered) == expected


def begun_here(
    passkey: Passkey, authenticator: Authenticator, **given: Any
) -> tuple[HttpRequest, dict[str, Any], str]:
    """Begin to add a passkey as a view would, and return its request, the options and the nonce."""
    request, first, second = RequestFactory().get("/", secure=True), Nonce(), Nonce()
    request.user = passkey.user
    options = without_cookies.begin_confirmation(request, nonce_hash=first.hash)
    options = without_cookies.begin_registration(
        request,
        nonce_hash=second.hash,
        credential=authenticator.get(options),
        nonce=first.value,
        **given,
    )
    return request, options, second.value


def test_user_whom_a_request_keeps(passkey: Passkey, authenticator: Authenticator) -> None:
    """N9: a password that changes while the request runs, or that a cached user does not know of, counts as well."""
    request, options, nonce = begun_here(passkey, authenticator)
    change_password()
    with pytest.raises(ReauthenticationRequired):
        without_cookies.register(request, Authenticator().create(options), nonce=nonce)


def test_rotated_secret(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """P7: a rotation of the secret key in the middle loses no passkey."""

    def rotate() -> None:
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    app = app_of(passkey.user)
    assert outcome(in_between(app, rotate, **confirmed(app, authenticator))) == "201"


def test_new_hash_of_the_password(
    alice: User, bob: User, signed_in: SignedIn, settings: Any
) -> None:
    """A password that is hashed anew when it is judged proves it, and touches no session beside the token."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Fast", *settings.PASSWORD_HASHERS]
    app, browser = app_of(alice), signed_in(bob)
    before = dict(browser.session)
    added = app.register(*REGISTER, proof={"password": PASSWORD})
    assert (added.status_code, dict(added.cookies)) == (201, {})
    assert User.objects.get(username="alice").password.startswith("fast$")
    Passkey.objects.all().delete()
    User.objects.filter(username="alice").update(password=alice.password)
    answered = browser.post(
        REGISTER[0],
        {"nonce_hash": Nonce().hash, "password": PASSWORD},
        content_type="application/json",
        secure=True,
        headers={"Authorization": app.authorization},
    )
    assert (outcome(answered), dict(browser.session)) == ("200", before)


class Fast(PBKDF2PasswordHasher):
    algorithm, iterations = "fast", 1


def test_request_without_a_session(passkey: Passkey, authenticator: Authenticator) -> None:
    """A site without sessions: none is looked for."""
    request, options, nonce = begun_here(passkey, authenticator, hints=["hybrid"])
    assert options["hints"] == ["hybrid"]
    new = Authenticator().create(options)
    done = without_cookies.register(request, new, nonce=nonce, nickname="\u202e")
    assert (done.passkey.user, bool(done.nickname_error)) == (passkey.user, True)
    assert not hasattr(request, "session")
    assert "CSRF_COOKIE" not in request.META


def test_excludes_what_is_there(passkey: Passkey, authenticator: Authenticator) -> None:
    """S3.1: the authenticator is told which passkeys the account has."""
    proof = confirmed(app_of(passkey.user), authenticator)
    excluded = asked(app_of(passkey.user), **proof).json()["excludeCredentials"]
    assert [one["id"] for one in excluded] == [passkey.id_base64url]
