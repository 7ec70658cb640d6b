"""A front end on another port, with @simplewebauthn/browser and the client of the how-to, never leaves its page."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import include, path
from playwright.sync_api import Page

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.docs import example, swapped
from ..helpers.live import LiveServer
from . import steps
from .chromium import VirtualAuthenticator
from .front_end_server import install, serving, write_page
from .steps_reauthentication import let_time_pass
from .test_sync_answers import is_flagged

pytestmark = [pytest.mark.browser, pytest.mark.extended]
PROVE_BY_PASSWORD = """(password) => {
  answers.push({ way: "password", password: "wrong" }, { way: "password", password });
}"""
SHOWS_ICON = """async (src) => {
  const image = Object.assign(new Image(), { crossOrigin: "anonymous", src });
  await image.decode();
  return image.naturalWidth;
}"""
SEES_NOTHING = """async (address) => {
  try {
    return (await fetch(address, { credentials: "include" })).status;
  } catch (error) {
    return error.name;
  }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have npm install the library into a folder of the front end."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm was found")
    folder = tmp_path_factory.mktemp("front_end")
    install(folder, npm)
    return folder


@pytest.fixture
def front_end(folder: Path) -> Iterator[str]:
    """Serve the front end."""
    with serving(folder) as origin:
        yield origin


@pytest.fixture
def site(example_site: None, front_end: str, folder: Path) -> Iterator[LiveServer]:
    """Serve the example site with the settings of the how-to, but for the host names and ports."""
    with ExitStack() as stack:
        stack.enter_context(override_settings(**with_cors(), ROOT_URLCONF=urls()))
        server = LiveServer("localhost")
        stack.callback(server.stop)
        names = {"https://api.example.com": server.url, "https://app.example.com": front_end}
        names |= {"api.example.com": "localhost", "example.com": "localhost"}
        documented = vars(example("another_origin_settings"))
        changed = {name: swapped(value, names) for name, value in documented.items()}
        chosen = {name: value for name, value in changed.items() if name.isupper()}
        stack.enter_context(override_settings(**chosen))
        write_page(folder, server.url)
        yield server


def with_cors() -> dict[str, Any]:
    """Return the settings that put django-cors-headers first."""
    return {
        "INSTALLED_APPS": ["corsheaders", *settings.INSTALLED_APPS],
        "MIDDLEWARE": ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE],
    }


def urls() -> tuple[Any, ...]:
    """Return the addresses of the site, with the view that hands out the token."""
    token = path("csrf/", example("another_origin").csrf)
    return (token, path("", include(settings.ROOT_URLCONF)))


def opened(page: Page, address: str) -> Page:
    """Open the front end."""
    page.goto(address)
    page.wait_for_function("globalThis.client")
    return page


@pytest.mark.complaint("status of (403|422)")
def test_never_leaves(
    page: Page,
    site: LiveServer,
    front_end: str,
    alice: User,
    virtual_authenticator: VirtualAuthenticator,
) -> None:
    """S4, S0.12: signs in by passkey, lists, adds after a password, names and deletes after a passkey, and syncs."""
    old = steps.give_passkey(alice, virtual_authenticator, origin=site.url)
    opened(page, front_end)
    page.evaluate("client.signIn()")
    [listed] = page.evaluate("client.list()")
    assert listed["current"]
    assert page.evaluate(SHOWS_ICON, site.url + listed["provider"]["icon_light"]) > 0
    # One authenticator holds one passkey of an account.
    virtual_authenticator.remove(old.id_base64url)
    let_time_pass(page)
    page.evaluate(PROVE_BY_PASSWORD, PASSWORD)
    new = page.evaluate("client.add('Desk')")
    assert (new["name"], virtual_authenticator.ids()) == ("Desk", {new["id"]})
    first, second = page.evaluate("asked")
    assert (first["account"], second) == ("alice", "That password is not right. Try again.")
    assert [way["way"] for way in first["ways"]] == ["passkey", "password"]
    renamed = page.evaluate("(one) => client.rename(one, 'Phone')", new)
    assert renamed["name"] == "Phone"
    let_time_pass(page)
    page.evaluate("answers.push({ way: 'passkey' })")
    page.evaluate("(one) => client.remove(one)", renamed)
    assert list(Passkey.objects.all()) == [old]
    assert is_flagged(page)
    page.evaluate("client.sync()")
    assert virtual_authenticator.ids() == set()
    assert not is_flagged(page)
    assert page.url == f"{front_end}/"


@pytest.mark.complaint("status of 422")
def test_signs_in_with_a_password(
    page: Page,
    site: LiveServer,
    front_end: str,
    alice: User,
    virtual_authenticator: VirtualAuthenticator,
) -> None:
    """S4, S2.1: and adds a first passkey, with the token of the new session."""
    opened(page, front_end)
    sign_in = "(password) => client.signInWithPassword('alice', password).catch(({ code }) => code)"
    assert page.evaluate(sign_in, "wrong") == "reauthentication_failed"
    assert page.evaluate(sign_in, PASSWORD) is None
    added = page.evaluate("client.add()")
    assert {added["id"]} == virtual_authenticator.ids()
    assert page.url == f"{front_end}/"


@pytest.mark.complaint("CORS|ERR_FAILED|status of 403")
def test_unlisted_origin(
    page: Page,
    site: LiveServer,
    front_end: str,
    folder: Path,
    alice: User,
    virtual_authenticator: VirtualAuthenticator,
) -> None:
    """Y3, T15: the same page on a third port is told nothing and changes nothing, though the cookies come along."""
    passkey = steps.give_passkey(alice, virtual_authenticator, origin=site.url)
    opened(page, front_end)
    page.evaluate("client.signIn()")
    assert page.evaluate(SEES_NOTHING, f"{site.url}/settings/passkeys/sync/") == 200
    with serving(folder) as third:
        opened(page, third)
        for address in ("", "sync/", "reauthenticate/"):
            url = f"{site.url}/settings/passkeys/{address}"
            assert page.evaluate(SEES_NOTHING, url) == "TypeError"
        assert page.evaluate(SEES_NOTHING, f"{site.url}/csrf/") == "TypeError"
        for attempt in ("client.list()", "client.signIn()", "client.sync()", "client.add('Eve')"):
            assert page.evaluate(f"{attempt}.catch((error) => error.name)") == "TypeError"
    assert list(Passkey.objects.all()) == [passkey]
    assert is_flagged(page)
