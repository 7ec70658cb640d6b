"""Photographs pages of the site in Chromium."""

from __future__ import annotations

from typing import Any

from .states import State

COOKIES = ("sessionid", "otp_passkeys_accounts")

# Icons are decoded beside the page, and might be white squares in its first frames.
DECODED = """async () => {
  const seen = [...document.images].filter((one) => one.checkVisibility());
  await Promise.all(seen.map((one) => one.decode().catch(() => {})));
  for (const _ of "12") await new Promise(requestAnimationFrame);
}"""


class Camera:
    """Photographs pages of the site in Chromium.

    :param browser: of Playwright.
    :param address: the address of the site.
    """

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def shoot(
        self, state: State, *, width: int = 720, scheme: str = "light", scale: int = 1
    ) -> bytes:
        """Return what a page shows, from its top to the end of its content, as a PNG file.

        :param width: of the window, in CSS pixels.
        :param scheme: ``"light"`` or ``"dark"``.
        :param scale: pixels of the picture for each CSS pixel.
        """
        # As high as a telephone or a laptop, where something stands in the middle of the window.
        height = (640 if width < 600 else 720) if state.whole_window else 400
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=scale,
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
        if state.manager:
            state.manager.plug_in(page)
        page.goto(self.address + state.path)
        page.wait_for_load_state("networkidle")
        for offer in page.locator("otp-passkey-offer").all():
            offer.wait_for()  # until the browser has given up adding a passkey by itself
        if state.act:
            state.act(page)
        page.evaluate(DECODED)
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
