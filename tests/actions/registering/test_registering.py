"""A registration that is good makes one passkey of the account that began it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django_otp.middleware import OTPMiddleware

from otp_passkeys import actions
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.signals import passkey_registered
from otp_passkeys.testing import Authenticator, register, sign_in, to_base64url

from ...helpers.signals import sent
from ...helpers.steps import SignedIn, answer, ask, enrol, outcome, post

ONE_PASSWORD = "bada5566-a7aa-401f-bd96-45619a55120d"


def listed(client: Client) -> list[dict[str, Any]]:
    """Return the list as JSON."""
    response = client.get("/passkeys/", headers={"Accept": "application/json"}, secure=True)
    rows: list[dict[str, Any]] = response.json()["passkeys"]
    return rows


@pytest.mark.django_db(transaction=True)
def test_stores_the_record(alice: User, signed_in: SignedIn) -> None:
    """All of the credential record is stored, and announced once (SECURITY.md, step 27)."""
    authenticator = Authenticator(
        aaguid=ONE_PASSWORD.upper(), transports=["usb", "teleport"], backup_state=False, counter=7
    )
    with sent(passkey_registered) as registered:
        response = register(signed_in(alice), authenticator, nickname="  Desk ")
    assert response.status_code == 201
    passkey = Passkey.objects.get()
    credential = authenticator.credentials[0]
    assert passkey.user == alice
    assert passkey.nickname == "Desk"
    assert passkey.aaguid == ONE_PASSWORD
    assert bytes(passkey.credential_id) == credential.id
    assert passkey.rp_id == "testserver"
    assert passkey.sign_count == 7
    assert passkey.transports == ["teleport", "usb"]
    assert (passkey.backup_eligible, passkey.backup_state) == (True, False)
    assert passkey.user_verified
    assert passkey.discoverable
    assert passkey.confirmed
    assert passkey.last_used_at is None
    (call,) = registered
    assert (call["user"], call["passkey"], call["sender"]) == (alice, passkey, Passkey)
    assert call["request"] is not None


def test_answers_with_the_row(authenticator: Authenticator, browser: Client) -> None:
    """The new passkey is listed at once, as it was answered (S2.1)."""
    response = register(browser, authenticator, nickname="Desk")
    assert listed(browser) == [response.json()]


def test_answers_with_the_numbered_name(browser: Client) -> None:
    """A second passkey of one provider has the same name in answer and list (S2.1)."""
    for _ in range(2):
        response = register(browser, Authenticator(aaguid=ONE_PASSWORD))
    assert listed(browser)[-1]["name"] == "1Password 2"
    assert response.json() == listed(browser)[-1]


def test_takes_several_of_one_kind(browser: Client) -> None:
    """No count and no equal AAGUID refuses a passkey (S3.4)."""
    for _ in range(12):
        assert register(browser, Authenticator(aaguid=ONE_PASSWORD)).status_code == 201
    assert len(listed(browser)) == 12


def test_excludes_all_of_the_account(alice: User, bob: User, signed_in: SignedIn) -> None:
    """All IDs of the account are excluded, with all transports, disabled ones too (S3.1, S3.2)."""
    hers = signed_in(alice)
    first = enrol(hers, Authenticator(), transports=["usb", "teleport"])
    second = enrol(hers, Authenticator(), transports=[])
    Passkey.objects.filter(pk=second.pk).update(confirmed=False)
    enrol(signed_in(bob), Authenticator())
    theirs = {"user": bob.pk, "username": "bob", "account": "bob", "user_id": bob.pk}
    options = post(hers, "register-options", theirs).json()
    assert sorted(options["excludeCredentials"], key=lambda each: len(each)) == [
        {"type": "public-key", "id": second.id_base64url},
        {"type": "public-key", "id": first.id_base64url, "transports": ["teleport", "usb"]},
    ]


def test_excludes_nothing_of_a_new_account(alice: User, bob: User, signed_in: SignedIn) -> None:
    """Two accounts of one person on one device are fine (S3.2)."""
    device = Authenticator()
    for user in (alice, bob):
        assert ask(signed_in(user), "register-options")["excludeCredentials"] == []
        assert register(signed_in(user), device).status_code == 201
    assert len(device.credentials) == 2


def test_names_the_account(alice: User, bob: User, signed_in: SignedIn) -> None:
    """The account has one random handle for ever, and the names that sync sends (Y7)."""
    named = ask(signed_in(alice), "register-options")["user"]
    assert named == {
        "id": to_base64url(bytes(UserHandle.objects.get(user=alice).handle)),
        "name": "alice",
        "displayName": "Alice Archer",
    }
    assert len(bytes(UserHandle.objects.get(user=alice).handle)) == 64
    enrol(signed_in(alice), Authenticator())
    assert ask(signed_in(alice), "register-options")["user"] == named
    other = ask(signed_in(bob), "register-options")["user"]
    assert other["id"] != named["id"]
    assert (other["name"], other["displayName"]) == ("bob", "bob")


def test_two_tabs(browser: Client) -> None:
    """Two tabs that began before either finished both succeed (T10)."""
    options = [ask(browser, "register-options") for _ in range(2)]
    for each in reversed(options):
        response = answer(browser, "register", Authenticator().create(each))
        assert response.status_code == 201
    assert Passkey.objects.count() == 2


@pytest.mark.parametrize(
    "behaviour",
    [
        {"counter": 0},
        {"counter": 2**31},
        {"counter": 2**32 - 1},
        {"credential_id_length": 1},
        {"credential_id_length": 1023},
        {"aaguid": "ffffffff-ffff-ffff-ffff-ffffffffffff"},
    ],
)
def test_every_database_stores_the_extremes(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, behaviour: dict[str, Any]
) -> None:
    """The highest counter and the longest ID are stored and can sign in (T14; steps 25, 27)."""
    authenticator.backup_eligible = False  # a synced one may count anew
    passkey = enrol(signed_in(alice), authenticator, **behaviour)
    assert passkey.sign_count == behaviour.get("counter", 0)
    assert bytes(passkey.credential_id) == authenticator.credentials[0].id
    visitor = Client()
    if passkey.sign_count:
        authenticator.counter = 2**32 - 1
    expected = "verification_failed" if passkey.sign_count == 2**32 - 1 else "200"
    assert outcome(sign_in(visitor, authenticator)) == expected


def test_lets_the_setting_do_without_verification(settings: Any, browser: Client) -> None:
    """Where verification is preferred, a passkey without it is stored as such (step 16)."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    selection = ask(browser, "register-options")["authenticatorSelection"]
    assert selection["userVerification"] == "preferred"
    assert not enrol(browser, Authenticator(), user_verified=False).user_verified


def test_lets_a_listed_page_frame_the_site(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """A frame is let through only where the relying party lists the page (steps 10, 11)."""
    framed: dict[str, Any] = {"cross_origin": True, "top_origin": "https://portal.example"}
    client = signed_in(alice)
    assert outcome(register(client, Authenticator(), **framed)) == "verification_failed"
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: RelyingParty(
        "testserver", "Test", ("https://testserver",), ("https://portal.example",)
    )
    authenticator = Authenticator()
    assert register(client, authenticator, **framed).status_code == 201
    assert sign_in(Client(), authenticator, **framed).status_code == 200
    elsewhere: dict[str, Any] = {"cross_origin": True, "top_origin": "https://evil.example"}
    assert outcome(sign_in(Client(), authenticator, **elsewhere)) == "verification_failed"


@pytest.mark.parametrize("nickname", ["x" * 65, "a\u202eb", "\u200b", 5, ["x"], {"a": 1}])
def test_drops_a_bad_nickname(authenticator: Authenticator, nickname: Any, browser: Client) -> None:
    """The browser has saved the passkey already: a bad nickname is dropped and reported (S1.13)."""
    response = register(browser, authenticator, nickname=nickname)
    assert response.status_code == 201
    assert response.json()["nickname"] == ""
    assert response.json()["nickname_error"]
    assert Passkey.objects.get().nickname == ""


@pytest.mark.parametrize("nickname", ["ok", "", " ", None])
def test_reports_no_error_of_a_good_nickname(
    authenticator: Authenticator, nickname: Any, browser: Client
) -> None:
    """The report is there only when something was dropped."""
    assert "nickname_error" not in register(browser, authenticator, nickname=nickname).json()


def test_action(alice: User, authenticator: Authenticator, request_of: Any) -> None:
    """A site's own view can register too: with verification, and without a nickname if it asks for none."""
    request: HttpRequest = request_of(alice)
    OTPMiddleware(lambda request: HttpResponse())(request)
    options = actions.begin_registration(request)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    done = actions.register(request, authenticator.create(options))
    assert (done.passkey, done.nickname_error) == (Passkey.objects.get(user=alice), "")
    assert done.passkey.nickname == ""
