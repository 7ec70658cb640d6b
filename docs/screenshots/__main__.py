"""Takes every picture of the documentation, and writes ``docs/images/*``.

Needs playwright, a Chromium, and fonts for Arabic and Japanese (on Debian fonts-noto-core and fonts-noto-cjk).
With ``--all FOLDER`` the pictures on the contact sheets are kept there in full size.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
from pathlib import Path
from typing import Any

from . import accounts, mails, site, states
from .camera import Camera
from .packing import Packer
from .sheet import WIDTHS, compose

IMAGES = site.ROOT / "docs" / "images"

# The pictures on the pages, by the name of the state; the others are on the contact sheets only.
ON_PAGES = {
    "panel": "The panel",
    "added": "Added",
    "delete": "Delete?",
    "offer": "The offer of a first passkey",
    "reauthenticate-passkey": "Is it you? By passkey",
    "reauthenticate-password": "Is it you? By password",
    "sign-out-elsewhere": "Sign out everywhere else",
    "welcome-back": "Welcome back",
}
# In a window as wide as the admin is made for.
OF_THE_ADMIN = {"admin-list": "The admin’s list", "admin-sign-in": "The admin’s sign-in page"}
SCHEMES = {"": "light", "-dark": "dark"}
LANGUAGES = {"panel-ar": "ar", "panel-ja": "ja"}


def take_pages(camera: Camera, packer: Packer, every: list[states.State]) -> None:
    """Take the pictures that stand on pages of the documentation, in light and in dark."""
    by_name = {state.name: state for state in every}
    for names, window in ((ON_PAGES, 720), (OF_THE_ADMIN, 1280)):
        for name, state in names.items():
            take(camera, packer, by_name[state], name, window)


def take(camera: Camera, packer: Packer, state: states.State, name: str, window: int = 720) -> None:
    """Take a picture in light and in dark."""
    for suffix, scheme in SCHEMES.items():
        image = camera.shoot(state, width=window, scheme=scheme, scale=2)
        packer.save(image, IMAGES / f"{name}{suffix}.png")


def take_sheets(browser: Any, camera: Camera, every: list[states.State], keep: Path | None) -> None:
    """Take the contact sheets of all states."""
    for width in WIDTHS:
        pictures = []
        for state in every:
            light, dark = (
                camera.shoot(state, width=width, scheme=scheme) for scheme in ("light", "dark")
            )
            pictures.append((state.name, light, dark))
            if keep:
                name = re.sub(r"\W+", "-", state.name.lower())
                (keep / f"{name}-{width}.png").write_bytes(light)
                (keep / f"{name}-{width}-dark.png").write_bytes(dark)
        (IMAGES / f"sheet-{width}.jpg").write_bytes(compose(browser, width, pictures))


def take_mails(browser: Any, packer: Packer, address: str) -> None:
    """Take the pictures of the mails, and the contact sheet of their languages."""
    for name, html in mails.every(address).items():
        for suffix, scheme in SCHEMES.items():
            image = mails.shoot(browser, html, scheme=scheme, scale=2)
            packer.save(image, IMAGES / f"mail-{name}{suffix}.png")
    pictures = [
        (
            language,
            *(mails.shoot(browser, html, width=320, scheme=scheme) for scheme in SCHEMES.values()),
        )
        for language, html in mails.translated(address).items()
    ]
    (IMAGES / "mail-languages.jpg").write_bytes(compose(browser, 320, pictures, shown=212))


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    found = shutil.which("chromium") or shutil.which("google-chrome")
    parser.add_argument("--chromium", default=found, help="path of a Chromium")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="keep the pictures here")
    options = parser.parse_args()
    if options.chromium is None:
        parser.error("no Chromium found; name one with --chromium")

    # Playwright's synchronous interface runs an event loop in this thread, where Django refuses database calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    from playwright.sync_api import sync_playwright

    for folder in (IMAGES, options.all or IMAGES):
        folder.mkdir(parents=True, exist_ok=True)
    port = site.free_port()
    address = f"http://localhost:{port}"
    with site.database(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=options.chromium, args=["--no-sandbox"]
        )
        empty, dana = accounts.new("hal"), accounts.with_passkeys("dana", accounts.DANA, address)
        camera, packer = Camera(browser, address), Packer(browser)
        with site.served(port):
            every = [
                *states.sign_in_states(address),
                *states.reauthentication_states(empty, dana),
                *states.panel_states(empty, dana, address),
            ]
            take_pages(camera, packer, [*every, *states.admin_states()])
            take_sheets(browser, camera, every, options.all)
        for name, language in LANGUAGES.items():
            with site.served(port, language):
                panel = states.State(name, states.PANEL, dana)
                take(camera, packer, panel, name)
        take_mails(browser, packer, address)
        browser.close()


if __name__ == "__main__":
    main()
