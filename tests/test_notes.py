"""What the panel says once, after a form has renamed or deleted."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory

from otp_passkeys.notes import NOTE, take

from .helpers.rows import stored_passkey
from .helpers.steps import verify
from .helpers.templates import PANEL, render

NORDPASS = "b84e4048-15dc-4dd0-8640-f4f60813c8af"
UNKNOWN = "Open the password manager, device or security key that keeps this passkey"


def status(html: str) -> str:
    """Return what the panel says, in one line."""
    said = html.split('role="status"')[1].split("</p>")[0].partition(">")[2]
    return " ".join(said.split())


def test_renamed(alice: User, browser: Client) -> None:
    """S1.9: the form's redirect leads to the name that the user reads now, once."""
    stored_passkey(alice, nickname="Desk & chair")
    second = stored_passkey(alice)
    response = browser.post(
        f"/passkeys/{second.pk}/rename/", {"nickname": "Desk & chair"}, follow=True
    )
    assert status(response.content.decode()) == "The passkey is now called “Desk &amp; chair 2”."
    assert status(browser.get("/passkeys/").content.decode()) == ""
    assert NOTE not in browser.session


@pytest.mark.parametrize(
    ("aaguid", "name", "steps"),
    [(NORDPASS, "NordPass", "Open NordPass"), (None, "Unknown passkey provider", UNKNOWN)],
)
def test_deleted(alice: User, browser: Client, aaguid: str | None, name: str, steps: str) -> None:
    """S1.14, S0.16: the name, and how to remove the copy: the page does not know whether the browser was asked."""
    kept, gone = stored_passkey(alice, nickname="Kept"), stored_passkey(alice, aaguid=aaguid)
    verify(browser, kept)
    html = browser.post(f"/passkeys/{gone.pk}/delete/", follow=True).content.decode()
    assert status(html).startswith(f"“{name}” was deleted. If it still comes up")
    assert steps in status(html)
    assert "asked your browser" not in status(html)
    assert "data-after-deletion>" in html
    assert "data-after-deletion hidden>" in browser.get("/passkeys/").content.decode()


def test_scripts_leave_none(alice: User, browser: Client) -> None:
    """S1.14: a script says itself what it has done; a note of it would come hours later."""
    kept, gone = stored_passkey(alice), stored_passkey(alice)
    verify(browser, kept)
    for path, body in ((f"/{kept.pk}/rename/", {"nickname": "Desk"}), (f"/{gone.pk}/delete/", {})):
        browser.post(f"/passkeys{path}", body, content_type="application/json")
    assert NOTE not in browser.session
    assert alice.passkeys.get().nickname == "Desk"


def test_page_of_the_site(
    alice: User, browser: Client, request_of: Callable[[User], HttpRequest]
) -> None:
    """S2.8: a panel in a page of the site says it too, and then no other."""
    passkey = stored_passkey(alice)
    browser.post(f"/passkeys/{passkey.pk}/rename/", {"nickname": "Desk"})
    request = request_of(alice)
    request.session = browser.session
    assert status(render(PANEL, request)) == "The passkey is now called “Desk”."
    assert status(render(PANEL, request)) == ""


def test_without_a_session(rf: RequestFactory) -> None:
    """S6.13: a request that no session belongs to has no note."""
    assert take(rf.get("/")) is None
