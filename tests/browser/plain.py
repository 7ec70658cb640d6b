"""A tab of Chromium for tests that bring a site of their own, where those of this folder share the example site."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect, sync_playwright

from . import chromium


@contextmanager
def tab(address: str, **context: Any) -> Iterator[Page]:
    """Open a tab, or skip the test where there is no Chromium.

    :param address: of the site.
    :param context: as for Playwright's `new_context`.
    """
    path = chromium.executable()
    if path is None:
        pytest.skip("no Chromium was found")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=10_000)
        browser = chromium.launch(playwright, path)
        page = browser.new_page(base_url=address, **context)
        page.add_init_script(chromium.WATCH)
        page.set_default_timeout(10_000)
        yield page
        browser.close()
        # Connections made while Playwright's loop is seen are kept apart from the thread's own.
        connections.close_all()
