"""Password managers that take the browser's place, and answer in ways of their own: the passkey is not lost."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from otp_passkeys.models import Passkey

from . import steps
from .chromium import AS_THE_BROWSER, VirtualAuthenticator
from .firefox import Firefox
from .managers import (
    GENERAL,
    NOT_ADDED,
    NOT_CREATED,
    NOT_USED,
    SCRIPT,
    become,
    plug_in,
    sign_in_by_password,
)
from .quiet import settled
from .test_offer import offer

pytestmark = [pytest.mark.browser, pytest.mark.extended]

CANCELLED = ["manager_that_answers_null", "manager_that_answers_undefined", "manager_that_aborts"]
UNKNOWN = [
    "manager_that_answers_text",
    "manager_that_answers_an_empty_object",
    "manager_that_rejects_with_undefined",
    "manager_that_rejects_with_null",
    "manager_that_rejects_with_text",
    "manager_that_rejects_with_a_name",
    "manager_that_rejects_with_what_cannot_be_read",
]
# By turns, so that each text replaces another one.
BAD_ANSWERS = [
    (name, cancelled)
    for number, unknown in enumerate(UNKNOWN)
    for name, cancelled in [(CANCELLED[number % len(CANCELLED)], True), (unknown, False)]
]


def test_shapes(managed: Page, alice: User) -> None:
    """S6.3: what each of them returns is read as what the browser itself returned."""
    steps.begin_in_panel(managed, alice)  # where no autofill would use the passkey
    result = managed.evaluate("managers.unread('localhost')")
    assert result["found"] == []
    assert result["tried"] == 20


@pytest.mark.firefox
@pytest.mark.usefixtures("served_managers")
def test_shapes_in_firefox(firefox: Firefox, alice: User) -> None:
    """S6.3: the same, with Firefox's own objects."""
    firefox.go(steps.any_account())
    sign_in_by_password(firefox)
    firefox.add_authenticator()
    firefox.go(reverse("otp_passkeys:list"))
    plug_in(firefox)
    asked = (
        "const [done] = arguments; managers.unread('localhost').then(done, (e) => done(String(e)))"
    )
    result = firefox.send("WebDriver:ExecuteAsyncScript", script=asked, args=[])
    assert result == {"tried": 20, "found": []}


@pytest.mark.parametrize(
    "manager",
    ["manager_without_to_json", "realm_of_a_frame", "manager_that_pads", "manager_without_raw_id"],
)
def test_add_and_sign_in(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User, manager: str
) -> None:
    """S6.3: a passkey that such a manager saves is saved here too, and signs in."""
    steps.open_panel(steps.bring_session(managed, alice))
    become(managed, manager)
    with steps.syncing(managed):
        steps.add_passkey(managed)
        expect(steps.rows(managed)).to_have_count(1)
    assert virtual_authenticator.ids() == {Passkey.objects.get().id_base64url}
    settled(managed)
    managed.context.clear_cookies()
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(managed, virtual_authenticator)
    become(managed, manager)
    steps.sign_in_with_passkey(managed, virtual_authenticator, alice)


def test_bad_answers_to_the_panel(managed: Page, alice: User) -> None:
    """S6.4: cancelled is cancelled, all else has the general text, and the button lives."""
    steps.open_panel(steps.bring_session(managed, alice))
    status = managed.get_by_role("status")
    for manager, cancelled in BAD_ANSWERS:
        become(managed, manager)
        steps.add_passkey(managed)
        expect(status).to_have_text(NOT_CREATED if cancelled else NOT_ADDED)
        expect(status).to_have_attribute("data-kind", "note" if cancelled else "error")
        expect(managed.locator("[aria-busy]")).to_have_count(0)
    become(managed, "")
    steps.add_passkey(managed)
    expect(steps.rows(managed)).to_have_count(1)


def test_bad_answers_to_the_button(
    managed: Page, virtual_authenticator: VirtualAuthenticator, alice: User
) -> None:
    """S6.4: the same of signing in."""
    steps.give_passkey(alice, virtual_authenticator)
    virtual_authenticator.set_presence(False)
    steps.open_sign_in(managed, virtual_authenticator)
    status = managed.get_by_role("status")
    become(managed, CANCELLED[0])
    steps.press_passkey_button(managed)  # the immediate request, if the browser has one
    expect(status).to_contain_text("No passkey was used.")
    for manager, cancelled in BAD_ANSWERS:
        become(managed, manager)
        steps.press_passkey_button(managed)
        expect(status).to_have_text(NOT_USED if cancelled else GENERAL)
        expect(status).to_have_attribute("data-kind", "note" if cancelled else "error")
    become(managed, "")
    steps.sign_in_with_passkey(managed, virtual_authenticator, alice)


@pytest.mark.firefox
@pytest.mark.usefixtures("served_managers")
def test_bad_answers_in_firefox(firefox: Firefox, alice: User) -> None:
    """S6.4: the same of both, with Firefox."""
    expect_words_in_firefox(firefox, steps.any_account(), "[data-ready] button", NOT_USED, GENERAL)
    sign_in_by_password(firefox)
    expect_words_in_firefox(
        firefox, reverse("otp_passkeys:list"), "[data-add]", NOT_CREATED, NOT_ADDED
    )


def expect_words_in_firefox(
    firefox: Firefox, url: str, button: str, words: str, otherwise: str
) -> None:
    """Press a button with each manager, and expect what is said of a cancel, or the general text."""
    firefox.go(url)
    plug_in(firefox)
    for manager, cancelled in BAD_ANSWERS:
        firefox.run("managers.become(arguments[0])", manager)
        firefox.click(button)
        said = words if cancelled else otherwise
        firefox.until(lambda said=said: said in firefox.text(), what=said)  # type: ignore[misc]


@pytest.mark.parametrize("manager", [CANCELLED[0], UNKNOWN[2], UNKNOWN[4]])
def test_bad_answers_to_the_upgrade(page: Page, alice: User, manager: str) -> None:
    """S6.4: where a manager lies about its source and adds one unasked, such an answer is silent; one is offered."""
    page.add_init_script(path=SCRIPT)
    page.add_init_script(
        AS_THE_BROWSER + f"managers.become('{manager}');"
        "const { create: answer } = CredentialsContainer.prototype;"
        "CredentialsContainer.prototype.create = function create({ mediation, ...rest }) {"
        "  return answer(rest); }"
    )
    steps.bring_session(page, alice)
    with page.expect_response("**" + reverse("otp_passkeys:register-options")):
        page.goto("/")
    expect(offer(page)).to_be_visible()
    assert not Passkey.objects.exists()
