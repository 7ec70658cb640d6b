"""Puts pictures side by side on contact sheets."""

from __future__ import annotations

import base64
import html
from typing import Any

# Of the window, in CSS pixels, and of its picture on the sheet.
WIDTHS = {320: 160, 768: 216, 1280: 320}
STYLE = """
body { background: #8a929c; font: 600 13px system-ui, sans-serif; margin: 0; padding: 16px; width: 1328px }
main { align-items: start; display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, %dpx) }
figure { margin: 0 } figcaption { color: #000; margin-bottom: 4px }
img { display: inline-block; vertical-align: top; width: %dpx }
"""


def compose(
    browser: Any, width: int, pictures: list[tuple[str, bytes, bytes]], shown: int = 0
) -> bytes:
    """Return a contact sheet, each state in light and in dark beside it, as a JPEG file: half the size of a PNG.

    :param browser: of Playwright.
    :param width: of the windows, a key of :data:`WIDTHS`.
    :param shown: the width of a picture on the sheet, if it is another than there.
    :param pictures: for each state its name and the two PNG files.
    """
    shown = shown or WIDTHS[width]
    figures = "".join(
        f"<figure><figcaption>{html.escape(name)}</figcaption>{_image(light)}{_image(dark)}</figure>"
        for name, light, dark in pictures
    )
    page = browser.new_page(viewport={"width": 1360, "height": 400})
    page.set_content(f"<style>{STYLE % (2 * shown, shown)}</style><main>{figures}</main>")
    sheet: bytes = page.screenshot(full_page=True, type="jpeg", quality=80)
    page.close()
    return sheet


def _image(png: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">'
