"""JSON lines: what a file may hold, what is refused of it, and that an export comes back whole (S5.9)."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.test import Client

from otp_passkeys.importing.json_lines import MAX_LINE
from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import Authenticator, sign_in, to_base64url

from ..conftest import PASSWORD
from ..helpers.importing import HANDLE, File, Ran, made, password_session, run, stored

pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


def test_signs_in(alice: User, file: File, authenticator: Authenticator, client: Client) -> None:
    """A passkey of any system signs in with the handle that it has there (S5.1)."""
    assert file.take(made(authenticator)) == Ran(["Took 1 passkey of 1 account."])
    assert sign_in(client, authenticator).status_code == 200


def test_least(alice: User, file: File, authenticator: Authenticator, client: Client) -> None:
    """Five members are enough; what is unknown is null, and proves nothing (S5.5, S5.6)."""
    line = made(authenticator)
    least = {
        name: line[name] for name in ("user", "user_handle", "credential_id", "public_key", "rp_id")
    }
    assert file.take(least).status == 0
    passkey = Passkey.objects.get()
    assert (passkey.backup_eligible, passkey.second_step_only) == (None, True)
    assert sign_in(client, authenticator).json()["code"] == "second_step_only"
    assert sign_in(password_session(alice, PASSWORD), authenticator).status_code == 200
    assert sign_in(client, authenticator).status_code == 200


def test_lacking(alice: User, file: File, authenticator: Authenticator) -> None:
    """A line without one of the five is left, and says which it lacks (S5.2)."""
    line = made(authenticator)
    del line["public_key"]
    taken = file.take(line)
    assert taken.status == 1
    assert any("members are missing: public_key" in said for said in taken.lines)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"user": "nobody"}, "there is no such user"),
        ({"user": "no\0body"}, "there is no such user"),
        ({"user": "\ud800"}, "there is no such user"),
        ({"user": None}, "the line does not say whose it is: user is not text"),
        ({"user": 7}, "the line does not say whose it is: user is not text"),
        ({"user_handle": None}, "the user handle is not known, empty or too long"),
        ({"user_handle": ""}, "the user handle is not known, empty or too long"),
        ({"user_handle": "A" * 88}, "the user handle is not known, empty or too long"),
        ({"user_handle": "AA=="}, "user_handle is not base64url"),
        (
            {"user_handle": None, "user_handle_candidates": [1]},
            "user_handle_candidates are not base64url",
        ),
        ({"credential_id": None}, "credential_id is not base64url"),
        ({"credential_id": ""}, "the credential ID is empty or too long"),
        ({"credential_id": "A" * 1368}, "the credential ID is empty or too long"),
        ({"public_key": ""}, "no public key can be read from it"),
        ({"public_key": "oA"}, "refused by py_webauthn"),
        ({"sign_count": -1}, "the sign count is not a number of 32 bits"),
        ({"sign_count": 2**32}, "the sign count is not a number of 32 bits"),
        ({"sign_count": True}, "sign_count has a foreign type"),
        ({"sign_count": 1.5}, "sign_count has a foreign type"),
        ({"rp_id": None}, "the RP ID is not known: name it with --rp-id"),
        ({"rp_id": "elsewhere.org"}, "the RP ID is of another domain: elsewhere.org"),
        ({"rp_id": "é.example.com"}, "the RP ID is not a domain"),
        ({"rp_id": f"{'a' * 250}.example.com"}, "the RP ID is not a domain"),
        ({"created_at": "yesterday"}, "created_at is not a time with its zone"),
        ({"created_at": "2026-02-30T00:00:00Z"}, "created_at is not a time with its zone"),
        ({"last_used_at": "2026-02-01T00:00:00"}, "last_used_at is not a time with its zone"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at is not a time with its zone"),
        ({"created_at": "9999-12-31T23:59:59-14:00"}, "created_at is not a time with its zone"),
        ({"signcount": 1}, "members are unknown: 'signcount'"),
    ],
)
def test_spoilt(members: dict[str, Any], reason: str, alice: User, file: File) -> None:
    """A line spoilt in one way is reported with the reason, and the other comes in (S5.2)."""
    authenticator = Authenticator()
    good, spoilt = made(authenticator), made(Authenticator(), **members)
    ran = file.take(good, spoilt)
    assert ran.status == 1
    assert f"line 2 left: {reason}" in ran.lines[0]
    assert ran.lines[1:] == ["Took 1 passkey of 1 account.", "Left: 1."]
    assert sign_in(Client(), authenticator).status_code == 200


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "the line is not JSON in UTF-8"),
        (b"\xff", "the line is not JSON in UTF-8"),
        (b"[" * 600, "the line is not JSON in UTF-8"),
        (b"[]", "the line is no JSON object"),
        (b"{}", "the line does not say whose it is: user is not text"),
        (b'"' + b"a" * 3 * MAX_LINE + b'"', "the line is too long"),
        (b'{"user": NaN}', "the line is not JSON in UTF-8"),
    ],
    ids=["cut", "Latin 1", "deep", "a list", "too little", "long", "NaN"],
)
@pytest.mark.usefixtures("alice")
def test_no_line(line: bytes, reason: str, file: File, authenticator: Authenticator) -> None:
    """A line that is none is reported, and those around it are read (S5.2)."""
    good = made(authenticator)
    ran = file.take(b"", line, good)
    assert ran.status == 1
    assert ran.lines[0].startswith(f"line 2 left: {reason}")
    assert ran.lines[1:] == ["Took 1 passkey of 1 account.", "Left: 1."]
    theirs = made(Authenticator(), user="bob")
    ran = file.take(line, theirs, good, arguments=("--user=alice",))
    assert ran == Ran(["Took 0 passkeys of 0 accounts.", "Here already: 1."])


@pytest.mark.parametrize(
    "text",
    ["a\nTook 5 passkeys of 5 accounts.", "\x1b[2J", "\u202e", "\u2028", "\ud800"],
    ids=ascii,
)
@pytest.mark.parametrize("member", ["user", "rp_id"])
def test_report_is_the_commands(member: str, text: str, alice: User, file: File) -> None:
    """What a file says stands in the report as text: it adds no line, moves no cursor and stops no output (S5.2)."""
    members: dict[str, Any] = {member: text}
    ran = file.take(made(Authenticator(), **members))
    assert (len(ran.lines), ran.status) == (3, 1)
    assert "".join(ran.lines).isprintable()
    if text.isascii() or member == "user":
        assert ascii(text)[1:-1] in ran.lines[0]


def test_bytes_after_the_key(alice: User, file: File, authenticator: Authenticator) -> None:
    """A key with bytes behind it is none."""
    line = made(authenticator)
    ran = file.take({**line, "public_key": line["public_key"] + "AAAA"})
    assert "line 1 left: bytes follow the public key." in ran.lines[0]


def test_handle_of_another_account(alice: User, bob: User, file: File) -> None:
    """A handle that is another account's own is refused: its list would delete their passkeys."""
    theirs = bytes(UserHandle.of(bob).handle)
    before = stored()
    ran = file.take(made(Authenticator(), handle=theirs))
    assert ran.status == 1
    assert "the user handle belongs to another account" in ran.lines[0]
    assert stored() == before


def test_handle_of_another_line(alice: User, bob: User, file: File) -> None:
    """One that became another account's with a line further up is refused, as it would be in the next file (S5.2)."""
    handle = bytes(range(32))
    lines = [
        made(Authenticator(), handle=handle, user=name, user_handle_is_random=True)
        for name in ("alice", "alice", "bob")
    ]
    for _ in "12":
        ran = file.take(*lines)
        assert ran.status == 1
        assert ran.lines[0] == "bob: line 3 left: the user handle belongs to another account."
    assert _handle(alice) == handle
    assert not UserHandle.objects.filter(pk=bob.pk).exists()


def test_guessable_handle(alice: User, file: File, authenticator: Authenticator) -> None:
    """A handle that is called random and is too short for that is given to no new passkey (S5.4)."""
    file.take(made(authenticator, handle=b"1", user_handle_is_random=True))
    assert bytes(Passkey.objects.get().handle) == b"1"
    assert len(_handle(alice)) == 64


def test_random_handle_of_an_account_that_has_one(
    alice: User, file: File, authenticator: Authenticator, client: Client
) -> None:
    """A random handle takes the place of no other (S5.4)."""
    own = bytes(UserHandle.of(alice).handle)
    file.take(made(authenticator, user_handle_is_random=True))
    assert (_handle(alice), bytes(Passkey.objects.get().handle)) == (own, HANDLE)
    assert sign_in(client, authenticator).status_code == 200


def test_rp_id(alice: User, file: File, authenticator: Authenticator, client: Client) -> None:
    """`--rp-id` says it for lines that do not."""
    file.take(made(authenticator, rp_id=None), arguments=("--rp-id=testserver",))
    assert sign_in(client, authenticator).status_code == 200


@pytest.mark.usefixtures("alice")
def test_standard_input(authenticator: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named - is the standard input."""
    import io
    import sys

    data = json.dumps(made(authenticator)).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run("import_passkeys", "json", "--file=-") == Ran(["Took 1 passkey of 1 account."])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["json"], "json takes --file PATH"),
        (["allauth", "--file=x"], "json takes --file PATH"),
        (["json", "--file=/no/such/file"], "cannot be read: No such file or directory"),
        (["json", "--file=x", "--restore"], "--restore is for accounts named by --user"),
        (["json", "--file=x", "--user=nobody"], "There is no account 'nobody'"),
        (["json", "--file=x", "--rp-id=x.org"], "'x.org' work at no address of this site"),
        (["allauth"], "'allauth.mfa' is not in INSTALLED_APPS"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str) -> None:
    """Options that do not fit each other are refused before anything is read."""
    with pytest.raises(CommandError, match=message):
        run("import_passkeys", *arguments)


def test_no_addresses(settings: Any) -> None:
    """Settings that name no address are not the site's own."""
    settings.ALLOWED_HOSTS = []
    with pytest.raises(CommandError, match="ALLOWED_HOSTS is empty"):
        run("import_passkeys", "json", "--file=x")


def test_padding_is_foreign(alice: User, file: File) -> None:
    """Each text has one spelling: the one that the specification has."""
    line = made(Authenticator(), user_handle=to_base64url(b"ab") + "=")
    assert "user_handle is not base64url" in file.take(line).lines[0]


def _handle(user: User) -> bytes:
    return bytes(UserHandle.objects.get(pk=user.pk).handle)
