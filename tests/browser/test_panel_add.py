"""Adding in the panel: what it offers, what it says, and where the focus goes."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import VirtualAuthenticator, until
from .quiet import settled
from .test_panel import GOOGLE

pytestmark = pytest.mark.browser

APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"

# As a browser refuses, since no virtual authenticator can be made to fail in each of these ways.
REFUSE = """(name) => void (navigator.credentials.create = () =>
  Promise.reject(name === "TypeError" ? new TypeError() : new DOMException("", name)))"""


@pytest.fixture
def with_passkeys(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> Callable[..., list[Passkey]]:
    """Return a function that gives alice passkeys of these providers, and opens her panel."""

    def make(*aaguids: str) -> list[Passkey]:
        made = [steps.passkey_from_elsewhere(alice, aaguid=aaguid)[0] for aaguid in aaguids]
        steps.open_panel(steps.bring_session(page, alice))
        return made

    return make


def test_waits(panel: Page, virtual_authenticator: VirtualAuthenticator) -> None:
    """While the browser asks, the page says what to do, and a second click does nothing."""
    virtual_authenticator.set_presence(False)
    button = panel.get_by_role("button", name="Add a passkey")
    button.click()
    expect(panel.get_by_role("status")).to_have_text("Follow the steps that your browser shows.")
    expect(button).to_have_attribute("aria-busy", "true")
    settled(panel)
    asked: list[str] = []
    panel.on("request", lambda request: asked.append(request.url))
    button.click()
    settled(panel)
    assert asked == []
    expect(button).to_be_focused()


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [
        ("NotAllowedError", "No passkey was created.", "note"),
        ("SecurityError", "Passkeys can’t be used on this address.", "error"),
        ("NotSupportedError", "This device can’t store a passkey for this site.", "error"),
        ("ConstraintError", "This device can’t store a passkey for this site.", "error"),
        ("OperationError", "Another passkey request is open.", "error"),
        ("EncodingError", "Something went wrong.", "error"),
        ("TypeError", "Something went wrong.", "error"),
    ],
)
def test_errors(panel: Page, name: str, words: str, kind: str) -> None:
    """Each error of the browser has its text and its next step; cancelling is neutral (PLATFORM)."""
    panel.evaluate(REFUSE, name)
    steps.add_passkey(panel)
    status = panel.get_by_role("status")
    expect(status).to_contain_text(words)
    expect(status).to_have_attribute("data-kind", kind)
    expect(panel.get_by_role("button", name="Add a passkey")).to_be_focused()


def test_aborted(panel: Page) -> None:
    """An abort that is not ours is the user's, as where a dialog is closed: neutral too (PLATFORM)."""
    panel.evaluate(REFUSE, "AbortError")
    steps.add_passkey(panel)
    status = panel.get_by_role("status")
    expect(status).to_contain_text("No passkey was created.")
    expect(status).to_have_attribute("data-kind", "note")


@pytest.mark.complaint("ERR_FAILED")
def test_site_out_of_reach(panel: Page) -> None:
    """A request that reaches nobody says so, and what to do."""
    panel.route("**" + reverse("otp_passkeys:register-options"), lambda route: route.abort())
    steps.add_passkey(panel)
    expect(panel.get_by_role("status")).to_contain_text("The site could not be reached.")


def test_duplicate_points_at_the_one_here(
    page: Page, with_passkeys: Callable[..., list[Passkey]]
) -> None:
    """The duplicate is information, without a retry, and points at the one likely row (S3.3)."""
    key, phone = with_passkeys(GOOGLE, APPLE)
    Passkey.objects.filter(pk=key.pk).update(transports=["usb"])
    steps.open_panel(page)
    page.evaluate(REFUSE, "InvalidStateError")
    steps.add_passkey(page)
    status = page.get_by_role("status")
    expect(status).to_contain_text("You already have a suitable passkey on this device.")
    expect(status).not_to_contain_text("try again")
    expect(status).to_have_attribute("data-kind", "note")
    expect(steps.row(page, phone.id_base64url)).to_be_focused()
    expect(page.locator("[data-highlight]")).to_have_count(1)


def test_duplicate_by_provider(page: Page, with_passkeys: Callable[..., list[Passkey]]) -> None:
    """Of several it is the one of the provider that comes with this system (S3.3)."""
    google, _ = with_passkeys(GOOGLE, APPLE)
    page.evaluate(REFUSE, "InvalidStateError")
    steps.add_passkey(page)
    expect(steps.row(page, google.id_base64url)).to_be_focused()
    expect(page.locator("[data-highlight]")).to_have_count(1)


def test_duplicate_points_at_none(page: Page, with_passkeys: Callable[..., list[Passkey]]) -> None:
    """Where it cannot be told which one it is, none is pointed at (S3.3)."""
    with_passkeys(GOOGLE, GOOGLE)
    page.evaluate(REFUSE, "InvalidStateError")
    steps.add_passkey(page)
    expect(page.get_by_role("status")).to_contain_text("suitable passkey on this device")
    expect(page.locator("[data-highlight]")).to_have_count(0)


def test_another_device(panel: Page) -> None:
    """The second button asks the browser to begin with security keys and other devices (S1.1)."""
    panel.evaluate(
        """() => {
          const { create } = CredentialsContainer.prototype;
          navigator.credentials.create = function (options) {
            window.hints = options.publicKey.hints;
            return create.call(this, options);
          };
        }"""
    )
    with panel.expect_request("**" + reverse("otp_passkeys:register-options")) as asked:
        panel.get_by_role("button", name="Add on another device or security key").click()
    expect(steps.rows(panel)).to_have_count(1)
    assert asked.value.post_data_json == {"hints": ["security-key", "hybrid"]}
    assert panel.evaluate("window.hints") == ["security-key", "hybrid"]


def heard(page: Page, name: str) -> None:
    """Wait until the last event that was heard is the one of this name."""
    until(page, lambda: page.evaluate("window.seen.at(-1)?.[0]") == name, what=name)


def test_events(panel: Page) -> None:
    """A site's script hears what is about to happen and can cancel it, and what has happened."""
    panel.evaluate(
        """() => {
          window.seen = [];
          for (const name of ["adding", "registered", "renaming", "renamed", "listed"])
            document.addEventListener(`otp-passkeys:${name}`, (event) => {
              window.seen.push([name, Object.keys(event.detail ?? {}).join()]);
              if (window.cancels === name) event.preventDefault();
            });
          window.cancels = "adding";
        }"""
    )
    steps.add_passkey(panel)
    heard(panel, "adding")
    assert not Passkey.objects.exists()
    panel.evaluate("window.cancels = 'renaming'")
    steps.add_passkey(panel)
    expect(panel.get_by_text("was added. You can give it a name")).to_be_visible()
    steps.keep_name(panel)
    steps.rows(panel).locator("[data-rename]").click()
    heard(panel, "renaming")
    expect(panel.get_by_label("Name", exact=True)).to_have_count(0)
    panel.evaluate("window.cancels = ''")
    steps.rename(steps.rows(panel), "Desk")
    heard(panel, "renamed")
    names = [tuple(one) for one in panel.evaluate("window.seen")]
    assert names == [
        ("adding", "hints"), ("adding", "hints"), ("listed", ""), ("registered", "id"),
        ("renaming", "id"), ("renaming", "id"), ("listed", ""), ("renamed", "id"),
    ]  # fmt: skip
