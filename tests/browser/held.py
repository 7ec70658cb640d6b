"""Requests that do not arrive until the test lets them: a slow network."""

import re

from playwright.sync_api import Page, Route

from .chromium import until

# What a sign-in asks before the browser is asked.
OPTIONS = re.compile("/authenticate/options/$")


class Held:
    """Requests that are on their way until they are let go.

    :param page: whose requests they are.
    :param pattern: of their addresses.
    :param method: the others pass.
    """

    def __init__(self, page: Page, pattern: re.Pattern[str], method: str) -> None:
        self._page, self._method = page, method
        self._routes: list[Route] = []
        self._holds = True
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        if self._holds and route.request.method == self._method:
            self._routes.append(route)
        else:
            route.fallback()

    def arrived(self) -> None:
        """Wait for the first."""
        until(self._page, lambda: bool(self._routes), what="a request")

    def let_go(self) -> None:
        """Let all go on."""
        while self._routes:
            self._routes.pop().continue_()

    def end(self) -> None:
        """Let all go on, and those that are still to come."""
        self._holds = False
        self.let_go()
