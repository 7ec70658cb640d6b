"""The passkey that the browser adds by itself after a sign-in with a password, in Chromium.

Without an authenticator Chromium refuses a conditional create() at once; with a virtual one it hangs until it is
aborted. What a browser does that can is shown with the software authenticator behind create().
"""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.live import LiveServer
from . import steps
from .chromium import AS_THE_BROWSER, Complaints, until
from .managers import SCRIPT
from .quiet import settled
from .test_offer import again, expect_nothing_offered, offer

pytestmark = [pytest.mark.browser, pytest.mark.extended]

ADDED = "A passkey was added to your account. Next time you can sign in without your password."

# Puts an authenticator of the test's behind create(), as a browser that can adds a passkey.
SOFTWARE = (
    AS_THE_BROWSER
    + """
const asText = (name, value) => ArrayBuffer.isView(value) || value instanceof ArrayBuffer
  ? btoa(String.fromCharCode(...new Uint8Array(value.buffer ?? value)))
    .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=/g, "")
  : value;
const buffer = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
CredentialsContainer.prototype.create = async function create({ mediation, publicKey }) {
  window.locks = (await navigator.locks.query()).held.map((one) => one.name);
  window.mediation = mediation;
  const { id, type, response, ...rest } = JSON.parse(await window.software(JSON.stringify(publicKey, asText)));
  const { clientDataJSON, attestationObject, transports } = response;
  return {
    id,
    type,
    rawId: buffer(id),
    response: {
      clientDataJSON: buffer(clientDataJSON),
      attestationObject: buffer(attestationObject),
      getTransports: () => transports,
    },
    toJSON: () => TO_JSON,
  };
};
"""
)
WITH_TO_JSON = SOFTWARE.replace("TO_JSON", "({ id, type, response, ...rest })")
WITHOUT_TO_JSON = SOFTWARE.replace("TO_JSON", "{ throw new TypeError(); }")


def plug_in(
    page: Page, authenticator: Authenticator, script: str = WITH_TO_JSON, **how: Any
) -> None:
    """Put a software authenticator behind create() of the pages that are opened next."""

    def create(options: str) -> str:
        return json.dumps(authenticator.create(json.loads(options), **how))

    page.expose_function("software", create)
    page.add_init_script(script)


@pytest.mark.parametrize("script", [WITH_TO_JSON, WITHOUT_TO_JSON])
def test_upgrade(page: Page, live_server: LiveServer, alice: User, script: str) -> None:
    """S3.5: a browser that can adds a passkey without asking; alice is told on the page and by mail.

    No list is signalled meanwhile that would lack it (S0.24), and the next one has it.
    """
    authenticator = Authenticator(origin=live_server.url)
    plug_in(page, authenticator, script, user_present=False, user_verified=False)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(urlsplit(one.url).path))
    steps.bring_session(page, alice).goto("/")
    expect(page.get_by_role("status").filter(has_text=ADDED)).to_be_visible()
    assert page.evaluate("[window.mediation, window.locks]") == ["conditional", ["otp-passkeys"]]
    expect(offer(page)).to_be_hidden()
    assert Passkey.objects.get().user == alice
    names = ("register-options", "register", "sync", "sync")
    urls = [reverse(f"otp_passkeys:{name}") for name in names]
    until(page, lambda: asked[-4:] == urls, what="a sync with the new list")
    assert page.evaluate("localStorage['otp-passkeys-saving']") == "0"
    until(page, lambda: len(mail.outbox) == 1, what="a mail")
    assert "Your browser added it by itself" in mail.outbox[0].body
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("status").filter(has_text=ADDED)).to_be_hidden()
    page.goto("/")
    expect(page.locator("otp-passkey-offer")).to_have_count(0)


def test_upgrade_tells_the_page(page: Page, live_server: LiveServer, alice: User) -> None:
    """S3.5: the site's own script hears of it, as of any passkey that is added."""
    plug_in(page, Authenticator(origin=live_server.url), user_present=False)
    page.add_init_script(
        "document.addEventListener('otp-passkeys:registered', ({detail}) => { window.told = detail; })"
    )
    steps.bring_session(page, alice).goto("/")
    expect(page.get_by_text(ADDED)).to_be_visible()
    assert page.evaluate("window.told") == {"id": Passkey.objects.get().id_base64url}


def test_upgrade_refused(
    page: Page, live_server: LiveServer, alice: User, complaints: Complaints
) -> None:
    """S3.5: what the server refuses is not told as added; the browser may drop it, and one is offered."""
    complaints.expect("status of 422")  # Chromium's own line about any such answer
    plug_in(page, Authenticator(origin=live_server.url), rp_id="evil.test")
    steps.sign_in_with_password(page, alice)
    expect(offer(page)).to_be_visible()
    assert not Passkey.objects.exists()
    assert page.evaluate("localStorage['otp-passkeys-saving']") == "0"
    expect(page.get_by_text(ADDED)).to_be_hidden()


@pytest.mark.parametrize(
    "error", ["InvalidStateError", "NotAllowedError", "AbortError", "NotSupportedError", "Error"]
)
def test_upgrade_fails(page: Page, alice: User, error: str) -> None:
    """S3.5: every failure is silent, and tried once for each sign-in; a duplicate ends the offers too (S3.3)."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.add_init_script(
        f"{AS_THE_BROWSER} CredentialsContainer.prototype.create = async function create() {{"
        f" throw new DOMException('alice', '{error}') }}"
    )

    def tries() -> int:
        return sum(reverse("otp_passkeys:register-options") in url for url in asked)

    steps.bring_session(page, alice).goto("/")
    until(page, lambda: tries() == 1, what="a try")
    if error == "InvalidStateError":
        expect_nothing_offered(page)
    else:
        expect(offer(page)).to_be_visible()
    page.goto("/")
    settled(page)
    assert tries() == 1
    again(page, alice)
    until(page, lambda: tries() == 2, what="a try for the second sign-in")
    assert not Passkey.objects.exists()


# Makes the long waits of the scripts ten times as long, for a clock that goes on while a slow machine is busy, and
# notes when the one of ten seconds begins.
PATIENT = """
const { setTimeout: usual } = window;
window.setTimeout = (run, ms = 0, ...args) => {
  if (ms === 10000) window.waitsSince = Date.now() / 1000;
  return usual(run, ms >= 2000 ? ms * 10 : ms, ...args);
};
"""


@pytest.mark.usefixtures("virtual_authenticator")
def test_upgrade_that_hangs(page: Page, alice: User) -> None:
    """S3.5: a browser that never answers holds up the offer for two seconds, and the other tabs for ten, no longer."""
    page.clock.install()
    page.add_init_script(PATIENT)
    with page.expect_response("**" + reverse("otp_passkeys:register-options")):
        steps.begin_visit(page, alice)  # what a sign-in asks for comes first
    until(page, lambda: page.evaluate("'waitsSince' in window"), what="a wait of ten seconds")
    since = page.evaluate("waitsSince")
    held = "navigator.locks.query().then(({ held }) => held.map((one) => one.name))"
    expect(offer(page)).to_be_hidden()
    page.clock.pause_at(since + 20)  # the wait of two seconds began before
    expect(offer(page)).to_be_visible()
    page.clock.pause_at(since + 99)
    assert page.evaluate(held) == ["otp-passkeys"]
    page.clock.run_for(2_000)
    until(page, lambda: page.evaluate(held) == [], what="a free lock")


EXTENSIONS = [
    "extension_on_the_prototype",
    "extension_on_the_object",
    "extension_with_an_object_of_its_own",
    "extension_that_binds",
    "extension_behind_a_proxy",
    "extension_behind_a_proxy_of_all",
    "extension_that_names_its_source",
    "extension_that_replaces_to_string",
    "extension_that_says_what_the_browser_can",
]


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_no_upgrade_by_an_extension(page: Page, alice: User, extension: str) -> None:
    """S6.5: what would open a window for any create() is not called by itself; the offer is shown."""
    asked: list[str] = []
    page.on("request", lambda one: asked.append(urlsplit(one.url).path))
    page.add_init_script(f"window.imitated = '{extension}'")
    page.add_init_script(path=SCRIPT)
    steps.bring_session(page, alice).goto("/")
    expect(offer(page)).to_be_visible()
    settled(page)
    assert page.evaluate("window.opened") == 0
    assert reverse("otp_passkeys:register-options") not in asked
    assert page.locator("iframe").count() == 0


def test_no_upgrade_by_an_extension_that_comes_late(page: Page, alice: User) -> None:
    """S6.5: nor is one that takes the browser's place while the options are on their way."""
    page.add_init_script("window.imitated = 'extension_that_comes_late'")
    page.add_init_script(path=SCRIPT)
    steps.bring_session(page, alice)
    with page.expect_response("**" + reverse("otp_passkeys:register-options")):
        page.goto("/")
    expect(offer(page)).to_be_visible()
    assert page.evaluate("window.opened") == 0
