"""A file with gaps: whatever is damaged, and in whatever order, no list is finished that lacks a passkey."""

import io
import json
import os
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError

from otp_passkeys.models import ImportedHandle, Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.importing import File, made, run

pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


def finished(user: User) -> list[bool]:
    """Say for each imported handle of a user whether its list may go out."""
    return list(ImportedHandle.objects.filter(user=user).values_list("complete", flat=True))


GAPS: list[dict[str, Any]] = [
    {"sign_count": -1},  # which leaves the handle readable
    {"user_handle": "?"},
    {"user_handle": None},
    {"created_at": 5},
    {"signcount": 5},
]


@pytest.mark.parametrize("members", GAPS, ids=str)
@pytest.mark.parametrize("gap_is_first", [True, False])
def test_order(
    members: dict[str, Any], gap_is_first: bool, alice: User, bob: User, file: File
) -> None:
    """A left row counts for lines of the same user further down, and further up, whatever is between (S5.7)."""
    good, gap = made(Authenticator()), made(Authenticator(), **members)
    between = made(Authenticator(), user="bob", handle=b"bob's")
    ends = (gap, good) if gap_is_first else (good, gap)
    file.take(ends[0], between, ends[1], arguments=("--finish",))
    assert (finished(alice), finished(bob)) == ([False], [True])


def test_after_all_were_deleted_here(alice: User, file: File) -> None:
    """A row that is left holds back the empty list of a handle whose passkeys are all deleted here (S5.7)."""
    file.take(made(Authenticator()), arguments=("--finish",))
    Passkey.objects.get().delete()
    assert finished(alice) == [True]
    file.take(made(Authenticator(), sign_count=-1))
    assert finished(alice) == [False]


@pytest.mark.parametrize(
    "damage",
    [lambda line: line[:-9], lambda line: line.replace(b'"alice"', b"7")],
    ids=["cut", "7"],
)
@pytest.mark.parametrize("gap_is_first", [True, False])
def test_nobody_knows_whose(damage: Any, gap_is_first: bool, alice: User, file: File) -> None:
    """A line that may be anybody's finishes nobody's list, and the others come in (S5.2, S5.7)."""
    good, gap = made(Authenticator()), damage(json.dumps(made(Authenticator())).encode())
    lines = (gap, good) if gap_is_first else (good, gap)
    ran = file.take(*lines, arguments=("--finish",))
    assert ran.lines[-1] == "Nothing is finished: a line does not say whose it is."
    assert (ran.status, Passkey.objects.count(), finished(alice)) == (1, 1, [False])
    assert file.take(good, arguments=("--finish",)).status == 0
    assert finished(alice) == [True]


def test_finish_from_a_pipe(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be read only once is not finished, and nothing of it is taken (S5.7)."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as writer:
        writer.write(json.dumps(made(Authenticator())).encode())
    with os.fdopen(ours, "rb") as reader:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(reader))
        with pytest.raises(CommandError, match="--finish reads the file twice"):
            run("import_passkeys", "json", "--file=-", "--finish")
    assert not Passkey.objects.exists()
