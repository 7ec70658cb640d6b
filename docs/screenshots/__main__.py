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

from . import accounts, site, states
from .camera import Camera, save
from .sheet import WIDTHS, compose

IMAGES = site.ROOT / "docs" / "images"

# The pictures on the pages, by the name of the state; the others are on the contact sheets only.
ON_PAGES = {
    "panel": "The panel",
    "delete": "Delete?",
    "offer": "The offer of a first passkey",
    "reauthenticate-passkey": "Is it you? By passkey",
    "reauthenticate-password": "Is it you? By password",
    "sign-out-elsewhere": "Sign out everywhere else",
    "welcome-back": "Welcome back",
}
LANGUAGES = {"panel-ar": "ar", "panel-ja": "ja"}


def take_states(browser: Any, camera: Camera, every: list[states.State], keep: Path | None) -> None:
    """Take the pictures of the pages, and the contact sheets of all states."""
    by_name = {state.name: state for state in every}
    for name, state in ON_PAGES.items():
        save(camera.shoot(by_name[state]), IMAGES / f"{name}.png")
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
        camera = Camera(browser, address)
        with site.served(port):
            every = [
                *states.sign_in_states(address),
                *states.reauthentication_states(empty, dana),
                *states.panel_states(empty, dana, address),
            ]
            take_states(browser, camera, every, options.all)
        for name, language in LANGUAGES.items():
            with site.served(port, language):
                panel = states.State(name, states.PANEL, dana)
                save(camera.shoot(panel), IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
