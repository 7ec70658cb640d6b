"""Pages that nobody saw and syncs that were cut off: the next real page makes them good."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_started
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from playwright.sync_api import Error, Page

from otp_passkeys.sync import request_user_details_sync

from . import steps
from .chromium import VirtualAuthenticator, until
from .quiet import queued, settled
from .steps_reauthentication import session_of
from .test_sync_answers import SYNC, Keys, is_flagged
from .test_sync_guards import HOLD_LOCK

pytestmark = [pytest.mark.browser, pytest.mark.extended]

SCRIPT = "**/sync.js"


def raise_flag(page: Page) -> None:
    """Do what a view of the site does when something changed, without showing a page."""
    request = HttpRequest()
    request.session = session_of(page)
    request_user_details_sync(request)
    request.session.save()


class Visit:
    """Alice's visit: signed in and in step, then one of her two passkeys was deleted and the flag raised."""

    def __init__(self, page: Page, keys: Keys, alice: User) -> None:
        self.page, self.keys, self.alice = page, keys, alice
        self.asked: list[str] = []
        self.good, self.dead = keys.hold_good_and_dead(alice)
        steps.bring_session(page, alice, in_step=True).goto("/")
        raise_flag(page)
        page.context.on("request", lambda one: self._note(one.method, one.url))

    def _note(self, method: str, url: str) -> None:
        if reverse("otp_passkeys:sync") in url:
            self.asked.append(method)

    def expect_nothing(self) -> None:
        """Expect that no sync ran and the flag stands."""
        settled(self.page)
        assert is_flagged(self.page)
        assert self.keys.ids() == {self.good, self.dead}
        assert self.asked == []

    def expect_made_good(self) -> None:
        """Open a page as the user does, and expect its sync to delete the dead passkey."""
        with steps.syncing(self.page):
            self.page.goto("/")
        self.keys.expect(self.good)
        steps.expect_synced(self.page)
        assert self.asked[-2:] == ["GET", "POST"]


@pytest.fixture
def visit(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> Visit:
    """Begin a visit of alice."""
    return Visit(page, Keys(virtual_authenticator), alice)


@pytest.fixture
def purposes(transactional_db: None) -> Iterator[list[str]]:
    """Collect how the home page was asked for: method, and what the browser says of its purpose."""
    seen: list[str] = []

    def note(environ: dict[str, str], **_: object) -> None:
        if environ["PATH_INFO"] == "/":
            seen.append(
                f"{environ['REQUEST_METHOD']} {environ.get('HTTP_SEC_PURPOSE', '')}".strip()
            )

    request_started.connect(note)
    yield seen
    request_started.disconnect(note)


PREFETCH = """() => document.head.append(
  Object.assign(document.createElement("link"), { rel: "prefetch", href: "/" }))"""


@pytest.mark.parametrize(
    ("script", "purpose"),
    [
        ("() => fetch('/', { method: 'HEAD' })", "HEAD"),
        ("() => fetch('/').then((answer) => answer.text())", "GET"),
        (PREFETCH, "GET prefetch"),
    ],
    ids=["HEAD", "fetched fragment", "prefetch"],
)
def test_page_that_nobody_saw(visit: Visit, purposes: list[str], script: str, purpose: str) -> None:
    """A page that is asked for and not shown loses nothing (S0.10, Y5)."""
    purposes.clear()
    visit.page.evaluate(script)
    until(visit.page, lambda: purposes == [purpose], what="the request")
    visit.expect_nothing()
    visit.expect_made_good()


def launcher(request: HttpRequest) -> HttpResponse:
    """Show a page that has the home page prerendered."""
    rules = '{"prerender": [{"urls": ["/"], "eagerness": "immediate"}]}'
    page = f'<!doctype html><script type="speculationrules">{rules}</script><a href="/">Home</a>'
    policy = "default-src 'self'; script-src 'self' 'inline-speculation-rules'"
    return HttpResponse(page, headers={"Content-Security-Policy": policy})


def test_page_loaded_ahead(visit: Visit, purposes: list[str], settings: Any) -> None:
    """A page that was loaded ahead syncs when it is shown (S0.10, Y5).

    Playwright turns prerendering off, so Chromium asks for the page ahead, and runs nothing of it.
    """
    settings.ROOT_URLCONF = (path("launcher/", launcher), path("", include("example.urls")))
    purposes.clear()
    visit.page.goto("/launcher/")
    until(visit.page, lambda: purposes == ["GET prefetch;prerender"], what="the loading ahead")
    visit.expect_nothing()
    with steps.syncing(visit.page):
        visit.page.get_by_role("link", name="Home").click()
    visit.keys.expect(visit.good)
    steps.expect_synced(visit.page)
    assert purposes == ["GET prefetch;prerender"]  # what is shown was not loaded anew


def test_prerendering_script(visit: Visit) -> None:
    """The script waits until a prerendered page is shown (S0.10, Y5); an init script says that it is not yet."""
    page = visit.page
    page.add_init_script("Object.defineProperty(document, 'prerendering', { value: true });")
    page.goto("/")
    visit.expect_nothing()
    with steps.syncing(page):
        page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    visit.keys.expect(visit.good)
    steps.expect_synced(page)


def lose_page(visit: Visit) -> None:
    """Open a page whose answer is lost on the way."""
    visit.page.route("**/", steps.lose_answer)
    with pytest.raises(Error):
        visit.page.goto("/")
    visit.page.unroute("**/")


def stop_page(visit: Visit) -> None:
    """Press the browser's stop button while a page is loading."""
    visit.page.route(SCRIPT, lambda route: None)
    with visit.page.expect_request(SCRIPT):
        visit.page.goto("/", wait_until="commit")
    visit.page.evaluate("window.stop()")
    visit.page.unroute(SCRIPT)


def block_script(visit: Visit) -> None:
    """Open a page whose script is blocked."""
    visit.page.route(SCRIPT, lambda route: route.abort())
    with visit.page.expect_event("requestfailed"):
        visit.page.goto("/")
    visit.page.unroute(SCRIPT)


@pytest.mark.parametrize("cut_off", [lose_page, stop_page, block_script])
@pytest.mark.complaint("ERR_FAILED")
def test_page_cut_off(visit: Visit, cut_off: Callable[[Visit], None]) -> None:
    """An aborted load or a blocked script loses nothing (S0.10, Y5)."""
    cut_off(visit)
    visit.expect_nothing()
    visit.expect_made_good()


@pytest.mark.complaint("ERR_FAILED")
def test_report_that_never_arrives(visit: Visit) -> None:
    """What was signalled and not reported is signalled again (S0.10, Y5)."""
    page = visit.page
    page.route(SYNC, steps.refuse_posts)
    with page.expect_event("requestfailed"):
        page.goto("/")
    visit.keys.expect(visit.good)
    settled(page)
    assert is_flagged(page)
    page.unroute(SYNC)
    visit.expect_made_good()
    assert visit.asked == ["GET", "POST", "GET", "POST"]


@pytest.mark.complaint("status of 40[13]")
def test_session_that_ends_before_the_report(visit: Visit) -> None:
    """Signing out in another tab, between the answer and the report, breaks nothing (S0.10, Y5)."""
    page, reports = visit.page, []
    page.route(
        SYNC, lambda one: reports.append(one) if one.request.method == "POST" else one.continue_()
    )
    page.goto("/")
    until(page, lambda: bool(reports), what="a report on its way")
    other = page.context.new_page()
    other.goto("/")
    steps.sign_out(other)
    with steps.syncing(page):
        reports[0].continue_()
    page.unroute(SYNC)
    visit.keys.expect(visit.good)
    with steps.syncing(page):
        steps.sign_in_with_password(page, visit.alice)
    steps.expect_synced(page)
    visit.keys.expect(visit.good)


def test_sign_out_before_the_sync(visit: Visit) -> None:
    """Whoever signs out before the sync is in step at the next sign-in (S0.10, Y5)."""
    page = visit.page
    keeper = page.context.new_page()
    keeper.goto("/static/otp_passkeys/sync.js")  # a page without the tag
    keeper.evaluate(HOLD_LOCK)
    page.goto("/")
    queued(page)
    steps.sign_out(page)
    keeper.evaluate("window.release()")
    settled(page)
    assert visit.asked == []
    assert visit.keys.ids() == {visit.good, visit.dead}
    with steps.syncing(page):
        steps.sign_in_with_password(page, visit.alice)
    visit.keys.expect(visit.good)
    steps.expect_synced(page)
