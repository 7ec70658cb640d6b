"""A page of eve's on a subdomain of the site relays alice's ceremony, in Chromium over TLS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page

from otp_passkeys.testing import Authenticator, register
from tests.helpers.steps import SignedIn

from ..helpers.live import LiveServer
from . import chromium as chromium_module
from .chromium import VirtualAuthenticator, until
from .relay import EvesServer, Relay, certificate

pytestmark = [pytest.mark.browser, pytest.mark.extended]
RP_ID, HOST = "example.test", "evil.example.test"


@pytest.fixture
def passkey_of_alice(alice: User, signed_in: SignedIn, settings: Any) -> Authenticator:
    """Return what holds alice's passkey; the site has a wildcard and an RP ID, as many have."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = [f".{RP_ID}"], RP_ID
    authenticator = Authenticator(origin=f"https://{RP_ID}", backup_eligible=False)
    assert register(signed_in(alice), authenticator).status_code == 201
    return authenticator


@pytest.fixture
def eve(quiet_server: LiveServer) -> Relay:
    """Return what eve has of the site: a connection, and whatever cookies it gives her."""
    return Relay(quiet_server.url, HOST)


@pytest.fixture
def browser(chromium: Browser, eve: Relay, tmp_path: Path) -> Iterator[Browser]:
    """Start a Chromium that finds eve's server under her name and takes its certificate."""
    file, trusted = certificate(tmp_path, HOST)
    server = EvesServer(eve, file)
    browser = chromium.browser_type.launch(
        executable_path=chromium_module.executable(),
        args=[
            *chromium_module.ARGUMENTS,
            f"--host-resolver-rules=MAP *.{RP_ID} 127.0.0.1:{server.port}",
            f"--ignore-certificate-errors-spki-list={trusted}",
        ],
        headless=True,
    )
    yield browser
    browser.close()
    server.close()


def answer_of(page: Page) -> dict[str, str]:
    """Wait for what the site answered to eve's page."""
    until(page, lambda: page.title().startswith("{"), what="an answer", seconds=20)
    answer: dict[str, str] = json.loads(page.title())
    return answer


def test_relay(
    browser: Browser, eve: Relay, passkey_of_alice: Authenticator, settings: Any
) -> None:
    """T27: eve ends with no session; she would with alice's if the site took answers from her origin."""
    for trusts_eve in (False, True):
        settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [f"https://{HOST}"] if trusts_eve else None
        context = browser.new_context()
        page = context.new_page()
        VirtualAuthenticator(page).hold(passkey_of_alice.credentials[0])
        page.goto(f"https://{HOST}/")
        answer = answer_of(page)
        status, listed = eve.send("GET", reverse("otp_passkeys:list"))
        context.close()
        if trusts_eve:  # what the page does works, so it was the site that refused
            assert "redirect_url" in answer
            assert status == 200
            (theirs,) = listed["passkeys"]
            assert theirs["id"] == passkey_of_alice.credentials[0].id_base64url
        else:
            assert (status, answer.get("code")) == (401, "verification_failed")
