"""What a good assertion changes, what is asked for before it, and what it is finished with."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone

from otp_passkeys.models import Passkey
from otp_passkeys.signals import passkey_used
from otp_passkeys.testing import Authenticator, sign_in

from ...helpers.rows import row
from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome, post


@pytest.mark.django_db(transaction=True)
def test_records_the_use(passkey: Passkey, authenticator: Authenticator) -> None:
    """Date and backup state are taken over, and the use is announced once (step 24)."""
    before = row(passkey)
    began = timezone.now()
    with sent(passkey_used) as used:
        assert outcome(sign_in(Client(), authenticator, backup_state=False)) == "200"
    after = row(passkey)
    assert began <= after.pop("last_used_at") <= timezone.now()
    assert after.pop("backup_state") is False
    assert before.pop("last_used_at") is None
    assert before.pop("backup_state") is True
    assert after == before
    (call,) = used
    assert (call["sender"], call["user"], call["passkey"]) == (Passkey, passkey.user, passkey)
    assert (call["purpose"], call["user_verified"]) == ("sign_in", True)


def test_records_that_the_user_was_once_verified(
    authenticator: Authenticator, settings: Any, browser: Client
) -> None:
    """uvInitialized becomes true with the first verification and stays so (step 24)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    passkey = enrol(browser, authenticator, user_verified=False)
    for verified, expected in ((False, False), (True, True), (False, True)):
        assert outcome(sign_in(Client(), authenticator, user_verified=verified)) == "200"
        passkey.refresh_from_db()
        assert passkey.user_verified is expected


def test_asks_a_visitor_for_any_passkey(passkey: Passkey, eve: User) -> None:
    """No name that a visitor sends is heard, and nothing is listed (T18)."""
    answers = [
        post(Client(), "authenticate-options", wishes).json()
        for wishes in (
            {},
            {"username": "alice"},
            {"username": "nobody"},
            {"account": "alice", "user": passkey.user_id, "userVerification": "discouraged"},
        )
    ]
    for options in answers:
        assert len(options.pop("challenge")) == 100
        assert options == {
            "rpId": "testserver",
            "timeout": 300_000,
            "userVerification": "required",
            "allowCredentials": [],
        }


def test_asks_a_user_for_their_own(
    alice: User, bob: User, signed_in: SignedIn, authenticator: Authenticator
) -> None:
    """A user confirms with their own passkeys that work, the last used first."""
    client = signed_in(alice)
    never, used, disabled = [enrol(client, Authenticator(), transports=["usb"]) for _ in range(3)]
    Passkey.objects.filter(pk=used.pk).update(last_used_at=timezone.now())
    Passkey.objects.filter(pk=disabled.pk).update(confirmed=False)
    enrol(signed_in(bob), authenticator)
    options = ask(client, "authenticate-options")
    assert options["allowCredentials"] == [
        {"type": "public-key", "id": passkey.id_base64url, "transports": ["usb"]}
        for passkey in (used, never)
    ]


class Proxy:
    """Middleware that signs alice in without a session, as some proxies and tokens do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = User.objects.get(username="alice")
        return self.get_response(request)


def test_asks_a_user_who_has_no_session(passkey: Passkey, settings: Any) -> None:
    """T23: where a proxy says who it is and no backend opened a session, nobody has proved anything."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Proxy"]
    options = ask(Client(), "authenticate-options")
    assert options["userVerification"] == "required"
    assert [each["id"] for each in options["allowCredentials"]] == [passkey.id_base64url]


def test_one_device_with_two_accounts(alice: User, bob: User, signed_in: SignedIn) -> None:
    """The passkey that the user picks says who signs in (step 6)."""
    device = Authenticator()
    for user in (alice, bob):
        enrol(signed_in(user), device)
    for credential, user in zip(device.credentials, (alice, bob), strict=True):
        client = Client()
        assert outcome(sign_in(client, device, credential=credential)) == "200"
        assert client.session[SESSION_KEY] == str(user.pk)


def test_ignores_what_is_sent_beside(passkey: Passkey, authenticator: Authenticator) -> None:
    """Neither a user nor a lighter policy is taken from the request (T7)."""
    client = Client()
    wishes = {
        "user": passkey.user_id,
        "username": "alice",
        "require_user_verification": False,
        "userVerification": "discouraged",
        "expected_origin": "https://evil.example",
    }
    for behaviour in ({"user_verified": False}, {"origin": "https://evil.example"}):
        options = post(client, "authenticate-options", wishes).json()
        assertion = authenticator.get(options, force=True, **behaviour)
        response = post(client, "authenticate", {**wishes, "credential": assertion})
        assert outcome(response) == "verification_failed"
    assert not is_signed_in(client)


def test_finishes_nothing_of_another_purpose(authenticator: Authenticator, browser: Client) -> None:
    """An assertion on a challenge to register is refused, and the reverse (T5)."""
    enrol(browser, authenticator)
    to_create, to_get = ask(browser, "register-options"), ask(browser, "authenticate-options")
    swapped = authenticator.get({**to_get, "challenge": to_create["challenge"]})
    assert outcome(answer(browser, "authenticate", swapped)) == "challenge_invalid"
    swapped = Authenticator().create({**to_create, "challenge": to_get["challenge"]})
    assert outcome(answer(browser, "register", swapped)) == "challenge_invalid"
    assert Passkey.objects.count() == 1


REVOKED = "ba86dc56-635f-4141-aef6-00227b1b9af6"  # by its maker, as the FIDO metadata say


@pytest.mark.parametrize("aaguid", [REVOKED, "00000000-0000-0000-0000-000000000000", None])
@pytest.mark.usefixtures("passkey")
def test_aaguid_decides_nothing(authenticator: Authenticator, aaguid: str | None) -> None:
    """Who signs in is told by the signature; what the AAGUID says of the model is no proof (S1.11)."""
    Passkey.objects.update(aaguid=aaguid)
    assert outcome(sign_in(Client(), authenticator)) == "200"


@pytest.mark.parametrize(
    ("setting", "asked", "expected"),
    [("always", "required", "verification_failed"), ("required", "preferred", "200")],
)
def test_confirms_after_a_password(
    passkey: Passkey,
    signed_in: SignedIn,
    authenticator: Authenticator,
    settings: Any,
    setting: str,
    asked: str,
    expected: str,
) -> None:
    """S4.6, T23: possession is enough beside a password, unless the site demands verification always."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = setting
    client = signed_in(passkey.user, verified=False)
    options = ask(client, "authenticate-options")
    assert options["userVerification"] == asked
    assertion = authenticator.get(options, user_verified=False, force=True)
    assert outcome(answer(client, "authenticate", assertion)) == expected
