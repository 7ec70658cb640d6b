"""A file with gaps: in whatever order its lines are and however they are damaged, no list is finished that lacks one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import ImportedHandle
from otp_passkeys.testing import Authenticator

from .helpers_importing import File, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Return a file to import."""
    return File(tmp_path / "passkeys.jsonl")


def finished(user: User) -> list[bool]:
    """Say for each imported handle of a user whether its list may go out."""
    return list(ImportedHandle.objects.filter(user=user).values_list("complete", flat=True))


GAPS: list[dict[str, Any]] = [
    {"sign_count": -1},  # which leaves the handle readable
    {"user_handle": "?"},
    {"user_handle": None},
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
