"""The harness itself: what it must notice, and what the virtual authenticator must do."""

import pytest
from playwright.sync_api import Page

from .chromium import Complaints, VirtualAuthenticator, until

pytestmark = [pytest.mark.browser, pytest.mark.extended]

INLINE = "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
CREATE = """async () => {
  const random = (length) => crypto.getRandomValues(new Uint8Array(length));
  await navigator.credentials.create({publicKey: {
    rp: {id: "localhost", name: "x"}, user: {id: random(64), name: "old", displayName: "Old"},
    challenge: random(32),
    pubKeyCredParams: [{type: "public-key", alg: -7}, {type: "public-key", alg: -257}],
    authenticatorSelection: {residentKey: "required", userVerification: "required"},
  }});
}"""


def test_pages_are_served_under_a_strict_policy(page: Page, complaints: Complaints) -> None:
    """Every page forbids inline scripts, and the harness notices one."""
    response = page.goto("/")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert policy == "default-src 'self'; base-uri 'self'; form-action 'self'"
    page.evaluate(INLINE)
    until(
        page,
        lambda: any("Content-Security-Policy" in one for one in complaints.unexpected()),
        what="a complaint about the inline script",
    )
    complaints.expect("Content.Security.Policy")


def test_an_uncaught_error_is_noticed(page: Page, complaints: Complaints) -> None:
    """What a script of ours throws, now or in a promise, is a complaint."""
    page.goto("/")
    page.evaluate("setTimeout(() => { throw new Error('thrown'); })")
    page.evaluate("setTimeout(() => Promise.reject(new Error('rejected')))")
    until(page, lambda: len(complaints.unexpected()) == 2, what="two complaints")
    complaints.expect("thrown|rejected")


def test_something_personal_in_the_console_is_noticed(page: Page, complaints: Complaints) -> None:
    """Every kind of message is searched, also those that only developers see (S0.15)."""
    page.goto("/")
    page.evaluate("console.debug('synced', {name: 'alice'})")
    until(page, lambda: len(complaints.leaks({"alice"})) == 1, what="the message")


def test_the_authenticator_follows_signals(
    page: Page, virtual_authenticator: VirtualAuthenticator
) -> None:
    """The authenticator is asked what it holds, and tells of a signal that took effect."""
    page.goto("/")
    page.evaluate(CREATE)
    [held] = virtual_authenticator.credentials()
    assert (held.user_name, held.display_name) == ("old", "Old")
    details = {"rpId": "localhost", "userId": held.user_handle, "name": "new", "displayName": "New"}
    page.evaluate("(details) => PublicKeyCredential.signalCurrentUserDetails(details)", details)
    virtual_authenticator.until(lambda held: held[0].user_name == "new", what="the new name")
    unknown = {"rpId": "localhost", "credentialId": held.credential_id}
    page.evaluate("(which) => PublicKeyCredential.signalUnknownCredential(which)", unknown)
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    assert [name for name, _ in virtual_authenticator.events] == ["added", "updated", "deleted"]
