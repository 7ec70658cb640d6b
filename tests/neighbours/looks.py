"""What the pages look like: whether they can be read, and pictures of them for the documentation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from docs.screenshots.camera import DECODED
from docs.screenshots.packing import Packer
from tests.browser.accessibility import OVERFLOW, violations

Scheme = Literal["light", "dark"]
SUFFIXES: dict[Scheme, str] = {"light": "", "dark": "-dark"}


def expect_readable(page: Page, element: str) -> None:
    """Expect that axe-core finds no barrier in an element of the app's, and that nothing sticks out of the window.

    It leaves the page in light.
    """
    assert violations(page, within=element) == []
    assert page.evaluate(OVERFLOW) == []


def picture(page: Page, name: str, scheme: Scheme, *, around: str = "") -> None:
    """Take a picture for the documentation, if PICTURES names the folder for it.

    :param scheme: that the page is shown in.
    :param around: the element that is shown, with some of what is around it; by default the window.
    """
    folder = os.environ.get("PICTURES")
    if not folder:
        return
    page.emulate_media(color_scheme=scheme)
    page.evaluate(DECODED)
    clip: Any = None
    if around:
        box = page.locator(around).bounding_box()
        assert box is not None
        clip = {"x": box["x"] - 40, "y": max(0, box["y"] - 40)}
        clip |= {"width": box["width"] + 80, "height": min(720 - clip["y"], box["height"] + 80)}
    image = page.screenshot(clip=clip)
    Packer(page.context.browser).save(image, Path(folder) / f"{name}{SUFFIXES[scheme]}.png")
