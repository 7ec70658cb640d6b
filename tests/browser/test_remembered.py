"""Coming back in Chromium: "Welcome back!", and one tap."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from . import steps
from .chromium import VirtualAuthenticator
from .quiet import settled
from .steps_accounts import remember, sign_in_as, signed_in_as

pytestmark = pytest.mark.browser


def test_one_tap(page: Page, virtual_authenticator: VirtualAuthenticator, alice: User) -> None:
    """Who signed out comes back by "Welcome back!" and one tap, to the page asked for (S4.13, S4.16)."""
    passkey = steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_presence(False)
    steps.sign_in_with_password(page, alice)
    steps.expect_synced(page)
    steps.sign_out(page)
    virtual_authenticator.set_presence(True)
    virtual_authenticator.asked.clear()
    page.goto(reverse("otp_passkeys:list"))
    expect(page.get_by_role("heading", name="Welcome back!")).to_be_visible()
    sign_in_as(page, "alice")
    expect(steps.row(page, passkey.id_base64url)).to_be_visible()
    assert virtual_authenticator.asked == ["modal"]
    assert ("asserted", passkey.id_base64url) in virtual_authenticator.events


def add_autofill(route: Route) -> None:
    """Put a field with autofill on the page, as the header of a site may have one."""
    response = route.fetch()
    field = '<input aria-label="Name" autocomplete="username webauthn">'
    route.fulfill(response=response, body=response.text().replace("<main>", f"<main>{field}"))


def test_page_of_an_account(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """The account's own page asks on the click, not before, and offers no autofill (S4.6, S4.16)."""
    steps.give_passkey(alice, virtual_authenticator)
    remember(page, alice).goto(reverse("otp_passkeys:sign-in"))
    page.route("**/sign-in/?account=*", add_autofill)
    page.goto(str(page.locator("[data-account]").get_attribute("href")))
    expect(page.get_by_text("Account: alice")).to_be_visible()
    go = page.get_by_role("button", name="Go")
    expect(go).to_be_visible()
    expect(page.get_by_label("Name")).to_be_visible()
    settled(page)
    assert virtual_authenticator.asked == []
    go.click()
    steps.expect_signed_in(page, alice, passkey=True)


@pytest.mark.parametrize("where", ["list", "page"])
@pytest.mark.complaint("status of 403")
def test_wrong_passkey(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User, where: str
) -> None:
    """Signing in as bob with alice's passkey signs in nobody, and the browser keeps it (S4.17, S4.8)."""
    alices = steps.give_passkey(alice, virtual_authenticator)
    bobs = steps.give_passkey(bob)
    remember(page, alice, bob).goto(reverse("otp_passkeys:sign-in"))
    if where == "page":
        page.goto(str(page.locator("[data-account]").first.get_attribute("href")))
        page.route("**" + reverse("otp_passkeys:authenticate-options"), steps.allow_any)
        page.get_by_role("button", name="Go").click()
    else:
        options = "**" + reverse("otp_passkeys:authenticate-options")
        # A list that is not empty, so that the script asks.
        page.route(options, allow_any_but_named(alices, bobs))
        sign_in_as(page, "bob")
    expect(page.get_by_role("status")).to_have_text(
        "That passkey belongs to a different account. Choose one of this account, or another way."
    )
    assert virtual_authenticator.ids() == {alices.id_base64url}
    assert "deleted" not in [event for event, _ in virtual_authenticator.events]
    assert signed_in_as(page) is None


def allow_any_but_named(there: Passkey, asked: Passkey) -> Callable[[Route], None]:
    """Ask the browser for a passkey that it has, in place of the one that the server named."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.text()
        assert asked.id_base64url in body
        route.fulfill(response=response, body=body.replace(asked.id_base64url, there.id_base64url))

    return answer


def test_cancelled_leads_to_another_way(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """Without the passkey at hand there is the password, on the account's page (S4.16)."""
    steps.give_passkey(alice, virtual_authenticator)
    remember(page, alice).goto(reverse("otp_passkeys:list"))
    virtual_authenticator.set_user_verified(False)
    sign_in_as(page, "alice")
    expect(page.get_by_role("button", name="Go")).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()
    page.get_by_role("link", name="Try another way").click()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("That password is not right. Try again.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(steps.rows(page)).to_have_count(1)


def test_no_passkey(page: Page, virtual_authenticator: VirtualAuthenticator, bob: User) -> None:
    """An account without a passkey is asked for its password, and no dialog opens (S4.16)."""
    remember(page, bob).goto(reverse("otp_passkeys:sign-in"))
    sign_in_as(page, "bob")
    expect(page.get_by_text("Account: bob")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Username")).to_have_count(0)
    assert virtual_authenticator.asked == []
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    steps.expect_signed_in(page, bob)


@pytest.mark.complaint("status of 403")
def test_second_tab(
    page: Page, virtual_authenticator: VirtualAuthenticator, alice: User, bob: User
) -> None:
    """A tab from before the sign-in of another says that it is out of date, and changes nobody (S4.17)."""
    steps.give_passkey(alice, virtual_authenticator)
    remember(page, bob, alice).goto(reverse("otp_passkeys:sign-in"))
    other = page.context.new_page()
    other.goto(reverse("otp_passkeys:sign-in"))
    sign_in_as(other, "bob")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    steps.expect_signed_in(other, bob)
    sign_in_as(page, "alice")
    expect(page.get_by_role("status")).to_have_text(
        "This page is out of date. Load it again, then try once more."
    )
    assert virtual_authenticator.asked == []
    page.get_by_role("link", name="Load it again").click()
    expect(page.get_by_role("heading", name="You’re signed in as bob")).to_be_visible()
    assert signed_in_as(page) == "You are signed in as bob."
