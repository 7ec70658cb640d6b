"""What a page makes the browser load."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client

from .helpers_steps import SignedIn

MODULE = re.compile(r'<script type="module" src="/static/([^"]+)"')
SCRIPT = re.compile(r"<script\b")


def scripts_of(html: str) -> set[str]:
    """Return the modules that a page loads; it must load no script in another way."""
    modules = MODULE.findall(html)
    assert len(modules) == len(SCRIPT.findall(html))
    return set(modules)


def weight(names: set[str]) -> int:
    """Return how many bytes these static files are, gzipped."""
    return sum(len(gzip.compress(Path(str(finders.find(name))).read_bytes(), 9)) for name in names)


def test_sign_in_page(db: None, client: Client) -> None:
    """The sign-in page loads at most 4 kB of JavaScript."""
    names = scripts_of(client.get("/passkeys/sign-in/").content.decode())
    assert "otp_passkeys/sign-in.js" in names
    assert weight(names) <= 4000


def test_sign_in_page_with_a_sync(alice: User, signed_in: SignedIn) -> None:
    """Where a sync is due as well, it is at most 5 kB."""
    names = scripts_of(signed_in(alice).get("/passkeys/sign-in/").content.decode())
    assert names == {"otp_passkeys/sign-in.js", "otp_passkeys/sync.js"}
    assert weight(names) <= 5000


def test_panel(alice: User, signed_in: SignedIn) -> None:
    """The panel loads at most 9 kB of JavaScript, the sync included."""
    names = scripts_of(signed_in(alice).get("/passkeys/").content.decode())
    assert names == {f"otp_passkeys/{name}.js" for name in ("panel", "add", "delete", "sync")}
    assert weight(names) <= 9000


def test_stylesheet() -> None:
    """The one stylesheet is at most 4.5 kB."""
    assert weight({"otp_passkeys/otp_passkeys.css"}) <= 4500


def test_sync() -> None:
    """The script that any page may load is at most 1.5 kB."""
    assert weight({"otp_passkeys/sync.js"}) <= 1500


def test_offer() -> None:
    """What a page loads for some minutes after a sign-in with a password is at most 3.6 kB, the sync included."""
    assert weight({"otp_passkeys/offer.js", "otp_passkeys/sync.js"}) <= 3600


@pytest.mark.parametrize(
    "name", ["add.js", "delete.js", "offer.js", "panel.js", "sign-in.js", "sync.js"]
)
def test_modules_stand_alone(name: str) -> None:
    """No module imports another: storages that hash file names would not find it (PLATFORM)."""
    source = Path(str(finders.find(f"otp_passkeys/{name}"))).read_text(encoding="utf-8")
    assert not re.search(r"^\s*import\b|\bimport\(", source, re.MULTILINE)


def test_modules_judge_addresses_alike() -> None:
    """Y14: as they share no code, the function that refuses another site's address is the same in each."""
    copies = re.compile(r"^function own\(.*?^}", re.MULTILINE | re.DOTALL)
    sources = [
        Path(str(finders.find(f"otp_passkeys/{name}.js"))).read_text(encoding="utf-8")
        for name in ("offer", "panel", "sign-in", "sync")
    ]
    assert len({copy for source in sources for copy in copies.findall(source)}) == 1
    assert all(copies.search(source) for source in sources)
