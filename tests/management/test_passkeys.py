"""The support command: which passkeys an account has, and why one may not show or work."""

import datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from otp_passkeys import actions
from otp_passkeys.exceptions import LastWayIn
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.safeguards import other_ways_in
from otp_passkeys.testing import Authenticator, sign_in, to_base64url

from ..helpers.rows import stored_passkey
from ..helpers.steps import lose_password, outcome

FELL = datetime.datetime(2026, 5, 3, 9, 12, tzinfo=datetime.timezone.utc)


def run(*arguments: str) -> str:
    """Run the command and return what it prints."""
    out = StringIO()
    call_command("passkeys", *arguments, stdout=out)
    return out.getvalue()


def reasons(text: str) -> list[str]:
    """Return the reasons in a list, in order."""
    return [line.strip(" !") for line in text.splitlines() if line.startswith("  !")]


def test_healthy(passkey: Passkey) -> None:
    """S2.7: a passkey that works is listed with its name and dates, and nothing is wrong with it."""
    text = run("alice")
    assert "alice: 1 passkey." in text
    assert f"{passkey.pk}: Unknown passkey provider" in text
    assert "last used never" in text
    assert reasons(text) == []


def test_no_secrets(passkey: Passkey, authenticator: Authenticator) -> None:
    """S2.7: neither key, nor credential ID, nor handle is printed, in any spelling."""
    text = run("alice")
    handle = bytes(UserHandle.objects.get().handle)
    for secret in (bytes(passkey.public_key), bytes(passkey.credential_id), handle):
        assert to_base64url(secret) not in text
        assert secret.hex() not in text


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"confirmed": False}, "It is switched off"),
        ({"rp_id": "old.example"}, "It was made for another RP ID"),
        ({"discoverable": False}, "The authenticator keeps no name with it"),
        ({"user_verified": False}, "It never verified its user"),
        (
            {"sign_count_fell_at": FELL},
            "Its sign count fell on May 3, 2026, 9:12 a.m., and it was let in",
        ),
    ],
)
def test_reasons(alice: User, fields: dict[str, Any], reason: str) -> None:
    """S2.7: each reason why a passkey may not show or work is named, and no other."""
    stored_passkey(alice, **{"user_verified": True, "rp_id": "testserver", **fields})
    (found,) = reasons(run("alice"))
    assert found.startswith(reason)


def test_setting_names_the_rp_id(alice: User, settings: Any) -> None:
    """S2.7: where the settings name the RP ID, no other one works."""
    stored_passkey(alice, user_verified=True)
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    (found,) = reasons(run("alice"))
    assert found.startswith("It was made for another RP ID")


@pytest.mark.parametrize("rp_id", ["testserver", "old.example"])
@pytest.mark.parametrize("hosts", [["*"], [".example", "testserver"], ["testserver", "*"]])
def test_wildcard_lets_in_every_rp_id(
    alice: User, settings: Any, hosts: list[str], rp_id: str
) -> None:
    """S2.7: behind a wildcard any host may be the site's, so no passkey is called another RP ID's."""
    settings.ALLOWED_HOSTS = hosts
    stored_passkey(alice, rp_id=rp_id)
    assert reasons(run("alice")) == []


@pytest.mark.each_set
@pytest.mark.parametrize("debug", [True, False])
def test_no_hosts(alice: User, settings: Any, debug: bool) -> None:
    """S2.7: where the settings name no host, it is said that nobody knows, once; with DEBUG it is localhost."""
    settings.ALLOWED_HOSTS, settings.DEBUG = [], debug
    stored_passkey(alice, rp_id="localhost")
    stored_passkey(alice, rp_id="example.com")
    (found,) = reasons(run("alice"))
    assert found.startswith("It was made for" if debug else "ALLOWED_HOSTS is empty")
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    (found,) = reasons(run("alice"))
    assert found.startswith("It was made for another RP ID")
    Passkey.objects.all().delete()
    assert reasons(run("alice")) == []


def test_no_hosts_to_delete(alice: User, settings: Any) -> None:
    """P8: where nobody knows which passkey works, none is taken for dead, by the command or by an action."""
    settings.ALLOWED_HOSTS = []
    lose_password(alice)
    passkey = stored_passkey(alice)
    with pytest.raises(CommandError, match="ALLOWED_HOSTS is empty"):
        run("alice", "--delete", str(passkey.pk))
    with pytest.raises(LastWayIn):
        actions.delete(user=alice, pk=passkey.pk)
    assert Passkey.objects.exists()
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: None
    stored_passkey(alice)
    run("alice", "--delete", str(passkey.pk))
    assert Passkey.objects.count() == 1


def test_unverified_where_that_is_enough(alice: User, settings: Any) -> None:
    """S2.7: where the site asks for no verification, its absence is no reason."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "preferred"
    stored_passkey(alice)
    assert reasons(run("alice")) == []


def test_account(alice: User) -> None:
    """S2.7: what is wrong with the account is said as well."""
    stored_passkey(alice, user_verified=True)
    UserHandle.objects.all().delete()
    User.objects.filter(pk=alice.pk).update(is_active=False)
    inactive, no_handle = reasons(run("alice"))
    assert inactive.startswith("The account is inactive")
    assert no_handle.startswith("The account has no user handle")


def test_delete(alice: User, passkey: Passkey, authenticator: Authenticator) -> None:
    """A passkey that its user lost is deleted; the empty list may then be signalled (S0.23, S0.24)."""
    assert f"Deleted passkey {passkey.pk}." in run("alice", "--delete", str(passkey.pk))
    assert not Passkey.objects.exists()
    assert UserHandle.objects.get().emptied_at is not None
    assert outcome(sign_in(Client(), authenticator)) == "credential_not_found"


def test_delete_refused(alice: User, bob: User, passkey: Passkey) -> None:
    """Another account's passkey is not found, and the last way in stays (S1.10, P8)."""
    with pytest.raises(CommandError, match="no longer in your account"):
        run("bob", "--delete", str(passkey.pk))
    lose_password(alice)
    with pytest.raises(CommandError, match="only way to sign in"):
        run("alice", "--delete", str(passkey.pk))
    assert Passkey.objects.count() == 1


@pytest.mark.django_db
def test_no_such_account() -> None:
    """A name that nobody has is an error of one line."""
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        run("nobody")


@pytest.mark.parametrize("hosts", [["example.com", "www.example.com"], [".example.com"], ["*"]])
def test_command_keeps_what_works(alice: User, settings: Any, hosts: list[str]) -> None:
    """P8: support does not delete the only passkey that works because of one that works at no address."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = hosts, "example.com"
    lose_password(alice)
    works = stored_passkey(alice, rp_id="example.com")
    stored_passkey(alice, rp_id="www.example.com")
    assert other_ways_in(alice, works) == []
    with pytest.raises(CommandError, match="only way to sign in"):
        call_command("passkeys", "alice", "--delete", str(works.pk))
    assert Passkey.objects.filter(pk=works.pk).exists()
