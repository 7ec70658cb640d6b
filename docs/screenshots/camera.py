"""Photographs pages of the site in Chromium."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

from .states import State

COOKIES = ("sessionid", "otp_passkeys_accounts")


class Camera:
    """Photographs pages of the site in Chromium.

    :param browser: of Playwright.
    :param address: the address of the site.
    """

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def shoot(self, state: State, *, width: int = 720, scheme: str = "light") -> bytes:
        """Return what a page shows, from its top to the end of its content, as a PNG file.

        :param width: of the window, in CSS pixels.
        :param scheme: ``"light"`` or ``"dark"``.
        """
        # As high as a telephone or a laptop, where something stands in the middle of the window.
        height = (640 if width < 600 else 720) if state.whole_window else 400
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        for key in COOKIES:
            if state.client is not None and key in state.client.cookies:
                value = state.client.cookies[key].value
                context.add_cookies([{"name": key, "value": value, "url": self.address}])
        page = context.new_page()
        self._add_authenticator(context, page)
        if state.before:
            page.add_init_script(state.before)
        page.goto(self.address + state.path)
        page.wait_for_load_state("networkidle")
        for offer in page.locator("otp-passkey-offer").all():
            offer.wait_for()  # until the browser has given up adding a passkey by itself
        if state.act:
            state.act(page)
        image: bytes = page.screenshot(full_page=not state.whole_window)
        context.close()
        return image

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


def save(image: bytes, path: Path) -> None:
    """Write a screenshot, packed as tightly as the format allows: Chromium packs fast instead.

    :param image: a PNG file.
    """
    made, pixels, rest = image[:8], b"", image[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        body, rest = rest[8 : 8 + length], rest[12 + length :]
        if kind == b"IDAT":
            pixels += body
            continue
        if kind == b"IEND":
            made += _chunk(b"IDAT", zlib.compress(zlib.decompress(pixels), 9))
        made += _chunk(kind, body)
    path.write_bytes(made)
    print(path.name, len(made))


def _chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG file: length, kind, body and check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
