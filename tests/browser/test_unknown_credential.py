"""Only a sign-in's explicit answer makes the browser forget a passkey; no other failure does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, Request, Route, expect

from otp_passkeys.models import Passkey

from . import steps
from .button import PAGE, serve_button
from .chromium import VirtualAuthenticator, until
from .quiet import hurry, settled

pytestmark = [pytest.mark.browser, pytest.mark.extended]

CALLED = "signalUnknownCredential was called"
WRAP = f"""
const signal = PublicKeyCredential.signalUnknownCredential;
PublicKeyCredential.signalUnknownCredential = function (details) {{
  console.debug("{CALLED}");
  return signal.call(this, details);
}};
"""


@pytest.fixture
def calls(page: Page) -> list[str]:
    """Collect the calls of signalUnknownCredential in the tab, over all of its pages."""
    calls: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.text == CALLED:
            calls.append(message.text)

    page.add_init_script(WRAP)
    page.on("console", note)
    return calls


@pytest.mark.complaint("status of 404")
def test_unknown_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, calls: list[str]
) -> None:
    """A sign-in with a passkey that no account has makes one call, and the passkey goes (S0.14)."""
    passkey, credential = steps.passkey_from_elsewhere(alice)
    passkey.delete()
    virtual_authenticator.hold(credential)
    page.goto(reverse("otp_passkeys:sign-in"))
    virtual_authenticator.until(lambda held: held == [], what="an empty authenticator")
    assert calls == [CALLED]


def lost(route: Route) -> None:
    """Lose the request."""
    route.abort()


def failed(route: Route) -> None:
    """Answer as a server in trouble does."""
    route.fulfill(status=500, body="")


def from_elsewhere(route: Route) -> None:
    """Answer as a proxy does that does not know the address."""
    route.fulfill(status=404, content_type="text/html", body="<h1>Not found</h1>")


def looks_like_ours(route: Route) -> None:
    """Answer with what a sign-in may say, where nothing was said of a sign-in."""
    signal = '{"rpId": "localhost", "credentialId": "%s"}'
    sent = json.loads(route.request.post_data or "")
    credential_id = sent["credential"]["id"]
    route.fulfill(
        status=404,
        content_type="application/json",
        body=f'{{"code": "credential_not_found", "signal": {signal % credential_id}}}',
    )


@pytest.mark.parametrize(
    "answer", [steps.lose_answer, lost, failed, from_elsewhere, looks_like_ours]
)
@pytest.mark.complaint("ERR_FAILED|status of (404|500)")
def test_registration_of_unknown_outcome(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    calls: list[str],
    answer: Callable[[Route], None],
) -> None:
    """After a registration whose answer is lost or is none of ours there is no call (S2.5, S1.3)."""
    steps.bring_session(page, alice)
    page.clock.install()
    steps.open_panel(page)
    page.route("**" + reverse("otp_passkeys:register"), answer)
    steps.add_passkey(page)
    outcome = page.locator("[role=status]:is([data-kind=success], [data-kind=error])")
    hurry(page, lambda: any(outcome.all_text_contents()), what="an outcome")
    steps.open_panel(page)
    settled(page)
    assert calls == []
    assert len(virtual_authenticator.ids()) == 1


@pytest.mark.parametrize("name", ["rename", "delete"])
@pytest.mark.complaint("status of 404")
def test_rename_and_delete_of_a_passkey_that_is_gone(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    calls: list[str],
    name: str,
) -> None:
    """A 404 of rename or delete makes no call; another passkey of the account stays (S1.3, Y10)."""
    kept, credential = steps.passkey_from_elsewhere(alice)
    gone, _ = steps.passkey_from_elsewhere(alice)
    virtual_authenticator.hold(credential)
    steps.bring_session(page, alice).goto(reverse(f"otp_passkeys:{name}", args=[gone.pk]))
    Passkey.objects.filter(pk=gone.pk).delete()
    with page.expect_response(lambda one: one.request.method == "POST" and one.status == 404):
        page.locator("main form button[type=submit]").click()
    settled(page)
    steps.open_panel(page)
    expect(steps.row(page, kept.id_base64url)).to_be_visible()
    assert calls == []
    assert virtual_authenticator.ids() == {kept.id_base64url}


@pytest.mark.complaint("ERR_FAILED|status of 404")
def test_registration_that_arrives_late(
    page: Page,
    virtual_authenticator: VirtualAuthenticator,
    alice: User,
    calls: list[str],
    settings: Any,
) -> None:
    """A sign-in with a passkey that is just being saved does not make the browser forget it (S2.5)."""
    serve_button(settings)
    sent: list[Request] = []

    def hold_back(route: Route) -> None:
        sent.append(route.request)
        route.abort()

    steps.open_panel(steps.bring_session(page, alice))
    page.route("**" + reverse("otp_passkeys:register"), hold_back)
    steps.add_passkey(page)
    until(page, lambda: bool(sent), what="a registration")
    with page.expect_response("**" + reverse("otp_passkeys:authenticate")) as response:
        page.goto(PAGE)
    assert response.value.status == 404
    settled(page)
    [late] = sent
    answer = page.request.post(late.url, data=late.post_data, headers=late.headers)
    assert answer.status == 201
    assert calls == []
    assert virtual_authenticator.ids() == {Passkey.objects.get().id_base64url}
