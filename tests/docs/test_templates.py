"""The templates that the documentation shows replace the app's, each by itself."""

import copy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from ..helpers.docs import captioned
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

FILES = captioned("how-to/templates", "html+django")
# What a page shows of each file, and what it shows of the app's own.
SHOWS = {
    "templates/otp_passkeys/panel.html": ("We help.", ""),
    "templates/otp_passkeys/includes/row.html": ("<span><span ", "otp-passkeys-details"),
    "templates/otp_passkeys/includes/add.html": (
        ">New passkey<",
        "another device or security key<",
    ),
}


def test_all_are_tried() -> None:
    """Each template that the page shows is tried below."""
    assert set(FILES) == set(SHOWS)


@pytest.mark.parametrize("name", FILES)
def test_replaces(
    alice: User, signed_in: SignedIn, settings: Any, tmp_path: Path, name: str
) -> None:
    """A file of the site in `DIRS` stands in the place of the app's, and nothing else changes."""
    passkey = stored_passkey(alice, nickname="Desk")
    client = signed_in(alice)
    before = client.get("/passkeys/").content.decode()
    place = tmp_path / name.removeprefix("templates/")
    place.parent.mkdir(parents=True)
    place.write_text(FILES[name])
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    after = client.get("/passkeys/").content.decode()
    ours, theirs = SHOWS[name]
    assert ours in after
    assert ours not in before
    assert theirs in before
    assert not theirs or theirs not in after
    for kept in ("Desk", "<otp-passkey-panel", f"/passkeys/{passkey.pk}/delete/", "data-refresh"):
        assert kept in after
