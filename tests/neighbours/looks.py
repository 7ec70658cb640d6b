"""What the pages look like: whether they can be read, and pictures of them for the documentation."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

from docs.screenshots.camera import DECODED
from docs.screenshots.packing import Packer
from tests.browser.accessibility import OVERFLOW, violations

SCHEMES = {"light": "", "dark": "-dark"}


def expect_readable(page: Page, element: str) -> None:
    """Expect that axe-core finds no barrier in an element of the app's, and that nothing sticks out of the window."""
    assert violations(page, within=element) == []
    assert page.evaluate(OVERFLOW) == []


def picture(page: Page, name: str, scheme: str) -> None:
    """Take a picture for the documentation, if PICTURES names the folder for it.

    :param scheme: that the page is shown in.
    """
    folder = os.environ.get("PICTURES")
    if not folder:
        return
    page.evaluate(DECODED)
    browser = page.context.browser
    Packer(browser).save(page.screenshot(), Path(folder) / f"{name}{SCHEMES[scheme]}.png")
