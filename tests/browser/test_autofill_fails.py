"""Autofill that fails or answers with nothing: it is asked again when the user goes on, and not without end."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from . import steps
from .chromium import VirtualAuthenticator, until
from .held import OPTIONS, Held
from .managers import become, imitate
from .patience import count
from .quiet import settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

FAILURES = [
    "autofill_that_answers_null", "autofill_that_answers_undefined", "autofill_that_answers_text",
    "autofill_that_answers_an_empty_object", "autofill_that_rejects",
    "autofill_that_rejects_with_undefined", "autofill_that_opens_a_window",
]  # fmt: skip
RETRIES = 3


def open_sign_in(page: Page, manager: str) -> list[str]:
    """Open the sign-in page with a manager and a clock; return the list of what it asks."""
    page.add_init_script(f"managers.become('{manager}')")
    page.clock.install()
    asked = count(page, "authenticate-options")
    page.goto(steps.any_account())
    until(page, lambda: len(asked) == 1, what="autofill")
    return asked


def go_on(page: Page) -> None:
    """Press a key, as somebody does who fills in the form, and let five seconds pass."""
    page.keyboard.press("Shift")
    pass_time(page)


def pass_time(page: Page) -> None:
    """Let five seconds pass once the page is quiet, and what it asks then be answered."""
    settled(page)
    page.clock.run_for(5000)
    settled(page)


@pytest.mark.parametrize("manager", FAILURES)
def test_failure(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User, manager: str
) -> None:
    """S6.2: it is asked again on a gesture, three times and then once in four minutes; the button lives."""
    steps.give_passkey(alice, virtual_authenticator)
    asked = open_sign_in(managed, manager)
    pass_time(managed)
    assert len(asked) == 1
    managed.clock.fast_forward("01:00:00")
    pass_time(managed)
    assert len(asked) == 1
    for number in range(RETRIES):
        go_on(managed)
        assert len(asked) == 2 + number
    go_on(managed)
    assert len(asked) == 1 + RETRIES
    managed.clock.fast_forward("00:04:00")
    go_on(managed)
    go_on(managed)
    assert len(asked) == 2 + RETRIES
    steps.press_passkey_button(managed)
    steps.expect_signed_in(managed, alice, passkey=True)


def test_failure_that_ends(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.2: what works is asked once, not at each key, and renewed; then a failure is like the first (S4.14)."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_presence(False)
    asked = open_sign_in(managed, FAILURES[0])
    settled(managed)
    become(managed, "")
    go_on(managed)
    assert len(asked) == 2
    for key in ("Shift", "Tab"):
        managed.keyboard.press(key)
    managed.mouse.click(1, 1)
    pass_time(managed)
    assert len(asked) == 2
    become(managed, FAILURES[0])
    managed.clock.fast_forward("00:04:00")
    pass_time(managed)
    assert len(asked) == 3
    for _ in range(RETRIES):
        go_on(managed)
    assert len(asked) == 3 + RETRIES
    become(managed, "")
    virtual_authenticator.set_presence(True)
    managed.clock.fast_forward("00:04:00")
    managed.keyboard.press("Shift")
    steps.expect_signed_in(managed, alice, passkey=True)
    assert len(asked) == 4 + RETRIES


@pytest.mark.parametrize("status", [500, 403])
@pytest.mark.complaint("status of")
def test_server_that_fails(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User, status: int
) -> None:
    """S6.2: a key that is always present gives its answer once for each gesture, also if the server is down."""
    answers: list[Route] = []

    def fail(route: Route) -> None:
        answers.append(route)
        route.fulfill(status=status, content_type="text/html", body="<h1>Trouble</h1>")

    def answered(number: int) -> None:
        # The page may be quiet while its authenticator is at it.
        until(managed, lambda: len(answers) == number, what=f"{number} answers")

    steps.give_passkey(alice, virtual_authenticator)
    managed.route("**" + reverse("otp_passkeys:authenticate"), fail)
    open_sign_in(managed, "")
    answered(1)
    pass_time(managed)
    expect(managed.get_by_role("status")).to_have_attribute("data-kind", "error")
    for number in range(RETRIES):
        go_on(managed)
        answered(2 + number)
    for _ in "12":
        go_on(managed)
    assert len(answers) == 1 + RETRIES


@pytest.mark.parametrize("manager", ["", FAILURES[0]])
def test_cancelled_button(
    managed: Page, virtual_authenticator: VirtualAuthenticator, manager: str
) -> None:
    """S6.2: after a request by the button, autofill that works is back at once, and one that failed is not."""
    virtual_authenticator.set_presence(False)
    asked = open_sign_in(managed, manager)
    settled(managed)
    virtual_authenticator.set_user_verified(False)
    virtual_authenticator.set_presence(True)
    # By script, because to press it is a gesture.
    managed.get_by_role("button", name="Sign in with a passkey").evaluate("(one) => one.click()")
    expect(managed.get_by_text("No passkey was used.")).to_be_visible()
    settled(managed)
    assert len(asked) == (2 if manager else 3)


# The browser takes its time to say whether it has autofill.
SLOW = """
PublicKeyCredential.isConditionalMediationAvailable = () => new Promise((done) => setTimeout(done, 500, true));
"""


def test_gestures_in_a_row(managed: Page) -> None:
    """S6.2: keys that come before the browser has said whether it can ask once, and the count goes on."""
    managed.add_init_script(SLOW)
    managed.add_init_script(f"managers.become('{FAILURES[0]}')")
    managed.clock.install()
    asked = count(managed, "authenticate-options")
    managed.goto(steps.any_account())
    pass_time(managed)
    assert len(asked) == 1
    for number in range(RETRIES):
        go_on(managed)
        assert len(asked) == 2 + number
    managed.clock.fast_forward("00:04:00")
    for _ in range(4):
        managed.keyboard.press("Shift")
    pass_time(managed)
    go_on(managed)
    assert len(asked) == 2 + RETRIES


def test_gestures_during_a_request(
    managed: Page, virtual_authenticator: VirtualAuthenticator
) -> None:
    """S6.2: keys that are pressed while the button's request is under way do not count."""
    virtual_authenticator.set_user_verified(False)
    asked = open_sign_in(managed, FAILURES[0])
    settled(managed)
    held = Held(managed, OPTIONS, "POST")
    managed.get_by_role("button", name="Sign in with a passkey").evaluate("(one) => one.click()")
    held.arrived()
    for _ in range(RETRIES):
        managed.keyboard.press("Shift")
    held.end()
    expect(managed.get_by_text("No passkey was used.")).to_be_visible()
    assert len(asked) == 2
    for _ in range(RETRIES + 1):
        go_on(managed)
    assert len(asked) == 2 + RETRIES


def test_hidden_page(managed: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S4.14: autofill is not renewed in a tab that nobody sees, but when it is seen again."""
    virtual_authenticator.set_presence(False)
    managed.add_init_script("Object.defineProperty(document, 'hidden', { get: () => window.away })")
    asked = open_sign_in(managed, "")
    settled(managed)
    managed.evaluate("window.away = true")
    managed.clock.fast_forward("00:05:00")
    pass_time(managed)
    assert len(asked) == 1
    managed.evaluate(
        "window.away = false; document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
    )
    until(managed, lambda: len(asked) == 2, what="autofill")


def test_dialog_that_is_open(page: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S6.2: autofill that is due takes no dialog away from the user."""
    virtual_authenticator.set_presence(False)
    imitate(page, "browser_without_immediate")  # one that has it ends the request by itself
    page.clock.install()
    steps.open_sign_in(page, virtual_authenticator)
    settled(page)
    steps.press_passkey_button(page)
    until(page, lambda: len(virtual_authenticator.asked) == 2, what="the dialog")
    page.clock.fast_forward("00:04:30")
    pass_time(page)
    assert virtual_authenticator.asked == ["conditional", "modal"]
    expect(page.get_by_role("status")).to_have_text("Follow the steps that your browser shows.")
