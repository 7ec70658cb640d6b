"""A form that is sent while a script asks the server something: it gives the session another key, or ends it.

The answer to the script must not take the new session's cookie away, as Django does with the cookie of a session that
is gone; where the CSRF token is in the session, a page for a rejected request may set the cookie of yet another.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.signals import request_started
from django.urls import reverse
from playwright.sync_api import Page, expect

from ..conftest import PASSWORD
from ..helpers.live import LiveServer
from . import steps
from .chromium import VirtualAuthenticator, until
from .held import OPTIONS, Held
from .patience import count
from .quiet import RequestsInProgress, settled
from .steps_reauthentication import EXPORT, expect_asked, let_time_pass

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# A script of the site that sends the form by itself, and stays on the page.
STAY = """
document.addEventListener("submit", (event) => {
  event.preventDefault();
  new FormData(event.target);
});
"""
# Keeps the signal that ends a request for autofill.
WATCH = """
const get = CredentialsContainer.prototype.get;
CredentialsContainer.prototype.get = function (how) {
  window.autofill = how.signal;
  return get.call(this, how);
};
"""
# How many seconds the script's pause after a form takes here, instead of ten: more than a slow machine spends between
# two steps, and less than half of the four minutes after which the script asks anew in any case.
PAUSE = 90
LONG_PAUSE = f"""
const {{ setTimeout: usual }} = window;
window.setTimeout = (run, ms = 0, ...args) => usual(run, ms === 10000 ? {PAUSE * 1000} : ms, ...args);
"""


class Slow:
    """Requests for one address, which the server takes up when the test lets it, and not before.

    Not by :class:`Held`, which adds the cookies of the moment when a request goes on.
    """

    def __init__(self, address: str, method: str) -> None:
        self._asked = address, method
        self.arrived, self.go = threading.Event(), threading.Event()
        self.in_time: list[bool] = []

    def __call__(self, environ: dict[str, Any], **_: object) -> None:
        """Hold a request before any middleware has seen it."""
        if (environ["PATH_INFO"], environ["REQUEST_METHOD"]) == self._asked:
            self.arrived.set()
            self.in_time.append(self.go.wait(60))


@pytest.fixture
def slow(quiet_server: LiveServer) -> Iterator[Callable[[str, str], Slow]]:
    """Make addresses slow, until the test is over."""
    made: list[Slow] = []

    def make(address: str, method: str) -> Slow:
        made.append(Slow(address, method))
        request_started.connect(made[-1])
        return made[-1]

    yield make
    for one in made:
        request_started.disconnect(one)
        one.go.set()
    assert all(all(one.in_time) for one in made), "a request was taken up before the test let it"


@pytest.fixture(params=["CSRF_USE_SESSIONS", "cart"])
def visitor(request: pytest.FixtureRequest, page: Page, settings: Any) -> None:
    """Give the visitor a session before anybody has signed in."""
    if request.param == "CSRF_USE_SESSIONS":
        settings.CSRF_USE_SESSIONS = True
        return
    session = SessionStore()
    session["cart"] = ["tea"]
    session.save()
    cookie = {"name": "sessionid", "value": session.session_key, "domain": "localhost", "path": "/"}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.mark.usefixtures("visitor")
@pytest.mark.parametrize("begun_by", ["page", "pointer", "key", "button"])
def test_sign_in_holds(
    managed: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    slow: Callable[[str, str], Slow],
    requests_in_progress: RequestsInProgress,
    begun_by: str,
) -> None:
    """S6.7: a user who signs in by the form stays signed in, whatever the script was asking."""
    virtual_authenticator.set_presence(False)
    managed.add_init_script("managers.become('autofill_that_rejects')")
    managed.add_init_script(LONG_PAUSE)
    over: list[str] = []
    for event in ("requestfinished", "requestfailed"):
        managed.on(event, lambda one: over.append(one.url))
    asked = count(managed, "authenticate-options")
    if begun_by != "page":
        managed.goto(steps.any_account())
        settled(managed)
    question = slow(reverse("otp_passkeys:authenticate-options"), "POST")
    if begun_by == "page":
        managed.goto(steps.any_account())
    if begun_by == "button":  # and not by the gesture that a press would be
        managed.get_by_text("Sign in with a passkey").evaluate("(one) => one.click()")
    managed.get_by_label("Username").fill(alice.get_username())
    password = managed.get_by_label("Password")
    password.fill(PASSWORD)
    landing = slow("/", "GET")
    if begun_by in {"page", "button"}:
        until(managed, question.arrived.is_set, what="the question")
    if begun_by == "key":
        password.press("Enter", no_wait_after=True)
    else:
        submit = managed.get_by_role("button", name="Sign in", exact=True)
        submit.click(no_wait_after=True)
    until(managed, landing.arrived.is_set, what="the page after the sign-in")
    question.go.set()

    def answered() -> bool:
        ended = [url for url in over if OPTIONS.search(url)]
        return len(ended) == len(asked) and requests_in_progress.count == 1

    until(managed, answered, what="the end of each question")
    landing.go.set()
    steps.expect_signed_in(managed, alice)
    managed.goto("/")  # which sends the cookie that there is now
    steps.expect_signed_in(managed, alice)


@pytest.mark.complaint("status of 401")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_confirmation_holds(
    page: Page,
    alice: User,
    slow: Callable[[str, str], Slow],
    requests_in_progress: RequestsInProgress,
    method: str,
) -> None:
    """S4.9: a user who confirms by the password stays signed in, whatever the sync was asking or reporting."""
    steps.bring_session(page, alice, verified=False)
    let_time_pass(page)
    question = slow(reverse("otp_passkeys:sync"), method)
    page.goto(EXPORT)
    expect_asked(page, alice)
    until(page, question.arrived.is_set, what="the question")
    landing = slow(EXPORT, "GET")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Next").click(no_wait_after=True)
    until(page, landing.arrived.is_set, what="the page after the confirmation")
    question.go.set()
    until(page, lambda: requests_in_progress.count == 1, what="the end of the question")
    landing.go.set()
    expect(page).to_have_url(EXPORT)
    page.goto("/")  # which sends the cookie that there is now
    steps.expect_signed_in(page, alice)


@pytest.fixture
def asked(page: Page, virtual_authenticator: VirtualAuthenticator) -> list[str]:
    """Have a clock in the tab, and an authenticator that nobody touches; collect the questions for options."""
    virtual_authenticator.set_presence(False)
    page.clock.install()
    page.add_init_script(LONG_PAUSE)
    return count(page, "authenticate-options")


def pass_time(page: Page, seconds: int) -> None:
    """Let the clock of the page go on, and what is asked then be answered."""
    # The browser has two seconds of this clock to say whether it can fill passkeys in.
    settled(page)
    page.clock.run_for(seconds * 1000)
    settled(page)


@pytest.fixture
def interrupted(page: Page, alice: User, asked: list[str]) -> Page:
    """Open the sign-in page of a site whose script sends the form, and send it while autofill asks."""
    page.add_init_script(WATCH)
    held = Held(page, OPTIONS, "POST")
    page.goto(steps.any_account())
    page.evaluate(STAY)
    held.arrived()
    steps.fill_in_password(page, alice)
    held.end()
    return page


def test_form_that_stays(
    interrupted: Page, virtual_authenticator: VirtualAuthenticator, alice: User, asked: list[str]
) -> None:
    """S6.2: the question that a form ended is asked once more after the last form, and no other is ended."""
    page = interrupted
    pass_time(page, 50)
    steps.fill_in_password(page, alice)
    steps.fill_in_password(page, alice)
    pass_time(page, 50)  # more than the pause since the first form, less since the last
    assert len(asked) == 1
    pass_time(page, 40)
    until(page, lambda: virtual_authenticator.asked == ["conditional"], what="autofill")
    steps.fill_in_password(page, alice)
    pass_time(page, PAUSE + 10)
    assert len(asked) == 2
    assert page.evaluate("autofill.aborted") is False


def test_page_that_comes_back(
    interrupted: Page, virtual_authenticator: VirtualAuthenticator, asked: list[str]
) -> None:
    """S4.14: a page that the browser has kept asks at once, and does not repeat that when the pause is over."""
    page = interrupted
    pass_time(page, 1)
    page.evaluate("""() => {
        for (const type of ["pagehide", "pageshow"]) dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
    }""")
    until(page, lambda: virtual_authenticator.asked == ["conditional"], what="autofill")
    pass_time(page, PAUSE + 10)
    assert len(asked) == 2
    assert page.evaluate("autofill.aborted") is False


@pytest.mark.complaint("status of 500")
def test_form_after_a_failure(page: Page, asked: list[str]) -> None:
    """S6.2: a form brings nothing back that has failed: that waits for a gesture."""
    page.route(OPTIONS, lambda route: route.fulfill(status=500))
    page.goto(steps.any_account())
    until(page, lambda: len(asked) == 1, what="the question")
    settled(page)
    page.evaluate("new FormData(document.querySelector('form'))")
    pass_time(page, PAUSE + 10)
    assert len(asked) == 1
