"""A server that takes a request and never answers: the panel waits for 20 seconds and says what is true."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import Complaints, VirtualAuthenticator, until

pytestmark = [pytest.mark.browser, pytest.mark.extended]

# Playwright's clock drives setTimeout and not AbortSignal.timeout, so the one is made of the other.
TIMEOUT = """AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  window.waitsSince = Date.now();
  setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), ms);
  return controller.signal;
}"""


def say_nothing(route: Route) -> None:
    """Take a request and let it lie."""


def save_and_say_nothing(route: Route) -> None:
    """Take a request, do what it asks, and keep the answer."""
    if route.request.method == "POST":
        route.fetch()
    else:
        route.fallback()


@pytest.fixture
def panel(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, complaints: Complaints
) -> Page:
    """Open alice's panel in a browser whose time can be moved on."""
    page.clock.install()
    page.add_init_script(TIMEOUT)
    steps.begin_in_panel(page, alice)
    return page


@pytest.mark.parametrize("saved", [True, False])
def test_registration(
    panel: Page, virtual_authenticator: VirtualAuthenticator, saved: bool
) -> None:
    """S2.5: after 20 seconds, and not before, it checks, and then says whether the passkey was saved.

    The browser is not told to forget it, for the request may still arrive.
    """
    held = save_and_say_nothing if saved else say_nothing
    panel.route("**" + reverse("otp_passkeys:register"), held)
    with panel.expect_request("**" + reverse("otp_passkeys:register")):
        steps.add_passkey(panel)
    status = panel.get_by_role("status")
    until(panel, lambda: Passkey.objects.count() == int(saved), what="what the server does")
    panel.clock.pause_at(panel.evaluate("waitsSince") / 1000 + 19)
    expect(status).to_have_text("Follow the steps that your browser shows.")
    panel.clock.run_for(1500)
    expect(status).to_have_text("Checking whether your passkey was saved…")
    expect(status).to_have_attribute("data-kind", "busy")
    panel.clock.resume()
    words = "was added. You can give it a name" if saved else "Your passkey was not saved."
    expect(status).to_contain_text(words, timeout=10_000)
    expect(steps.rows(panel)).to_have_count(int(saved))
    assert Passkey.objects.count() == int(saved)
    assert len(virtual_authenticator.ids()) == 1
    assert "deleted" not in [name for name, _ in virtual_authenticator.events]


def test_options(panel: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """S2.5: where not even the question is answered, nothing was made, and the page says what to do."""
    panel.route("**" + reverse("otp_passkeys:register-options"), say_nothing)
    with panel.expect_request("**" + reverse("otp_passkeys:register-options")):
        steps.add_passkey(panel)
    panel.clock.fast_forward(20_500)
    expect(panel.get_by_role("status")).to_contain_text("The site could not be reached.")
    expect(panel.get_by_role("button", name="Add a passkey")).not_to_have_attribute(
        "aria-busy", "true"
    )
    assert virtual_authenticator.ids() == set()


def test_deletion(panel: Page, alice: User) -> None:
    """S1.4: what became of a deletion is read from the list as well."""
    steps.passkey_from_elsewhere(alice)
    steps.verify(panel, alice)
    with steps.syncing(panel):
        steps.open_panel(panel)
    steps.ask_to_delete(steps.rows(panel))
    panel.route(re.compile(r"/\d+/delete/$"), save_and_say_nothing)
    with panel.expect_request(re.compile(r"/\d+/delete/$")):
        panel.get_by_role("button", name="Delete passkey", exact=True).click()
    until(panel, lambda: not Passkey.objects.exists(), what="the deletion")
    panel.clock.fast_forward(20_500)
    expect(panel.get_by_role("status")).to_contain_text("was deleted.")
    expect(steps.rows(panel)).to_have_count(0)
