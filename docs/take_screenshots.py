#!/usr/bin/env python
"""Takes the screenshots of the documentation from the real example site.

Serves the site on a temporary SQLite file, adds passkeys through the server with the software authenticator (a
browser's virtual one has an AAGUID of its own), and writes ``docs/images/*.png``.
Needs playwright and a Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "example_project"
IMAGES = ROOT / "docs" / "images"

# AAGUID, nickname, synced, date added, days since the last use
PASSKEYS: list[tuple[str, str, bool, str, int | None]] = [
    ("bada5566-a7aa-401f-bd96-45619a55120d", "", True, "2026-02-03", 12),
    ("2fc0579f-8113-47ea-b116-bb5a8db9202a", "Spare key in the drawer", False, "2026-02-03", None),
    ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "", True, "2026-05-21", None),
]
PANEL, SIGN_IN = "/settings/passkeys/", "/settings/passkeys/sign-in/"
PASSWORD = "a password for the pictures"
REAUTHENTICATE, SETTINGS = "/settings/passkeys/reauthenticate/?next=/settings/", "/settings/"


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def example_site() -> Iterator[str]:
    """Serve the example site on a new database, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EXAMPLE_DATABASE"] = str(Path(folder) / "db.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "example.settings"
        sys.path.insert(0, str(EXAMPLE))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        port = free_port()
        command = [sys.executable, str(EXAMPLE / "manage.py"), "runserver", "--noreload"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen([*command, f"localhost:{port}"], **quiet)
        try:
            wait_for(f"http://localhost:{port}/")
            yield f"http://localhost:{port}"
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str) -> None:
    """Return when the site answers.

    :raises TimeoutError: if it does not within 20 seconds.
    """
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5)
            return
        time.sleep(0.2)
    raise TimeoutError(address)


def signed_in_client() -> Any:
    """Return Django's test client, signed in to an account without passkeys."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    details = {"email": "dana@example.com", "password": PASSWORD, "first_name": "Dana"}
    user = get_user_model().objects.create_user("dana", **details)
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def add_passkeys(client: Any, address: str) -> None:
    """Register the passkeys through the server, date them, and sign in with the last.

    :param client: the test client of the account.
    :param address: the address of the site, which is the origin of the ceremonies.
    """
    from otp_passkeys.models import Passkey
    from otp_passkeys.testing import Authenticator, register, sign_in

    now = datetime.datetime.now(datetime.timezone.utc)
    for aaguid, nickname, synced, added, used in PASSKEYS:
        authenticator = Authenticator(origin=address, aaguid=aaguid, backup_eligible=synced)
        response = register(client, authenticator, nickname=nickname)
        if response.status_code != 201:
            raise SystemExit(f"registration refused: {response.content!r}")
        Passkey.objects.filter(credential_id=authenticator.credentials[-1].id).update(
            created_at=datetime.datetime.fromisoformat(f"{added}T12:00:00+00:00"),
            last_used_at=None if used is None else now - datetime.timedelta(days=used, hours=1),
        )
    client.logout()
    response = sign_in(client, authenticator)
    if response.status_code != 200:
        raise SystemExit(f"sign-in refused: {response.content!r}")


def save(image: bytes, name: str) -> None:
    """Write a screenshot, packed as tightly as the format allows: Chromium packs fast instead.

    :param image: a PNG file.
    :param name: the file's name without its ending.
    """
    made, pixels, rest = image[:8], b"", image[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        body, rest = rest[8 : 8 + length], rest[12 + length :]
        if kind == b"IDAT":
            pixels += body
            continue
        if kind == b"IEND":
            made += chunk(b"IDAT", zlib.compress(zlib.decompress(pixels), 9))
        made += chunk(kind, body)
    (IMAGES / f"{name}.png").write_bytes(made)
    print(f"docs/images/{name}.png", len(made))


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file: length, kind, body and check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def returning_client(address: str) -> Any:
    """Return the test client of a visitor whose browser remembers two accounts, one of which has a passkey.

    :param address: the address of the site, which is the origin of the ceremonies.
    """
    from django.contrib.auth import get_user_model
    from django.test import Client

    from otp_passkeys.testing import Authenticator, register

    client = Client(headers={"host": "localhost"})
    for name in ("carol@example.com", "bob@example.com"):
        get_user_model().objects.create_user(name, name, PASSWORD)
        client.post(SIGN_IN, {"username": name, "password": PASSWORD})
    if register(client, Authenticator(origin=address)).status_code != 201:
        raise SystemExit("registration refused")
    client.session.flush()
    del client.cookies["sessionid"]
    return client


class Camera:
    """Photographs pages of the site in Chromium."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def shoot(
        self, name: str, path: str, client: Any = None, *, width: int = 720, scheme: str = "light"
    ) -> None:
        """Save what a page shows from its top to the end of its content.

        :param name: the image's name.
        :param path: the page.
        :param client: the test client whose cookies the page is opened with; None is a visitor.
        :param width: of the window, in CSS pixels.
        :param scheme: ``"light"`` or ``"dark"``.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": 400},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        for key in ("sessionid", "otp_passkeys_accounts"):
            if client is not None and key in client.cookies:
                value = client.cookies[key].value
                context.add_cookies([{"name": key, "value": value, "url": self.address}])
        page = context.new_page()
        self._add_authenticator(context, page)
        page.goto(self.address + path)
        page.wait_for_load_state("networkidle")
        for offer in page.locator("otp-passkey-offer").all():
            offer.wait_for()  # until the browser has given up adding a passkey by itself
        save(page.screenshot(full_page=True), name)
        context.close()

    def _add_authenticator(self, context: Any, page: Any) -> None:
        """Plug in a virtual authenticator, or the page's calls would wait for one."""
        tab = context.new_cdp_session(page)
        tab.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
        }
        tab.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def main() -> None:
    """Take every screenshot."""
    parser = argparse.ArgumentParser(description=__doc__)
    found = shutil.which("chromium") or shutil.which("google-chrome")
    parser.add_argument("--chromium", default=found, help="path of a Chromium")
    chromium = parser.parse_args().chromium
    if chromium is None:
        parser.error("no Chromium found; name one with --chromium")

    # Playwright's synchronous interface runs an event loop in this thread, where Django refuses database calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with example_site() as address, sync_playwright() as playwright:
        client = signed_in_client()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        camera = Camera(browser, address)
        camera.shoot("sign-in", SIGN_IN)
        returning = returning_client(address)
        camera.shoot("welcome-back", SIGN_IN, returning)
        returning.post(SIGN_IN, {"username": "carol@example.com", "password": PASSWORD})
        camera.shoot("offer", "/", returning)
        camera.shoot("reauthenticate-password", REAUTHENTICATE, client)
        camera.shoot("panel-empty", PANEL, client)
        add_passkeys(client, address)
        camera.shoot("danger-zone", SETTINGS, client)
        camera.shoot("reauthenticate-passkey", REAUTHENTICATE, client)
        camera.shoot("panel", PANEL, client)
        camera.shoot("panel-dark", PANEL, client, scheme="dark")
        camera.shoot("panel-320", PANEL, client, width=320)
        browser.close()


if __name__ == "__main__":
    main()
