"""Every page in every state that a picture is taken of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import accounts
from .adding import Manager

SETTINGS, PANEL, SIGN_IN = "/settings/", "/settings/passkeys/", accounts.SIGN_IN
ELSEWHERE = f"{PANEL}sign-out-elsewhere/"
ADMIN = "/admin/otp_passkeys/passkey/"
NAME_IN_ROW = ".otp-passkeys-row input[name=nickname]"
REAUTHENTICATE = "/settings/passkeys/reauthenticate/?next=/settings/"
NO_WEBAUTHN = "delete window.PublicKeyCredential"
NO_SCRIPTS = "customElements.define = () => {}"
LARGE = """{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("html { font-size: 200% !important; }");
  document.adoptedStyleSheets = [sheet];
}"""


@dataclass(frozen=True)
class State:
    """A page in a state.

    :param name: in the file's name and under the picture.
    :param path: the page.
    :param client: the test client whose cookies the page is opened with; None is a visitor.
    :param act: what is done on the page first, with Playwright's page.
    :param before: a script that runs before the page's.
    :param manager: a password manager that answers in the browser's place.
    :param whole_window: whether the window is shown and not the page, because something floats in it.
    """

    name: str
    path: str
    client: Any = None
    act: Callable[[Any], None] | None = None
    before: str = ""
    manager: Manager | None = None
    whole_window: bool = False


def wrong_password(page: Any) -> None:
    """Sign in with a password that is none."""
    if page.get_by_label("Username").count():
        page.get_by_label("Username").fill("dana@example.com")
    page.get_by_label("Password").fill("not the password")
    page.locator("button[type=submit].otp-passkeys-wide").last.click()
    page.wait_for_load_state("networkidle")


def press(selector: str) -> Callable[[Any], None]:
    """Return what presses the first control that a selector finds."""

    def act(page: Any) -> None:
        page.locator(selector).first.click()
        page.wait_for_timeout(400)

    return act


def add_and_type(page: Any) -> None:
    """Add a passkey, and type its name in its row."""
    page.locator("[data-add]").first.click()
    page.locator(NAME_IN_ROW).fill("Jane’s iPhone")


def add_and_name(page: Any) -> None:
    """Add a passkey, and name it in its row."""
    add_and_type(page)
    page.locator(NAME_IN_ROW).press("Enter")
    page.get_by_text("Jane’s iPhone", exact=True).wait_for()
    page.wait_for_load_state("networkidle")


def deleting(page: Any) -> None:
    """Delete while the network does not answer, and press Escape."""
    press("[data-delete]")(page)
    page.route("**/delete/", lambda route: None)
    page.locator("dialog [type=submit]").click()
    page.wait_for_timeout(400)
    page.keyboard.press("Escape")
    page.wait_for_timeout(400)


def too_long(page: Any) -> None:
    """Give a passkey a name that is refused."""
    press("[data-rename]")(page)
    page.get_by_label("Name", exact=True).fill("Long name " * 7)
    page.get_by_role("button", name="Save").click()
    page.wait_for_timeout(800)


def unread(selector: str) -> Callable[[Any], None]:
    """Return what presses a control while the network does not answer."""

    def act(page: Any) -> None:
        page.route("**/options/", lambda route: None)
        press(selector)(page)

    return act


def sign_out_elsewhere(page: Any) -> None:
    """Sign in, and out everywhere else; the cookies of a test client would do for one picture only."""
    page.get_by_label("Username").fill("ivy")
    for button in ("Sign in", "Sign out everywhere else"):
        page.get_by_label("Password").fill(accounts.PASSWORD)
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_load_state("networkidle")


def later(page: Any) -> None:
    """Wait for what is said when no script has come."""
    page.wait_for_timeout(3200)


def rejected(name: str) -> str:
    """Return a script that lets the browser refuse each new passkey.

    :param name: of the DOMException.
    """
    return f'navigator.credentials.create = async () => {{ throw new DOMException("", "{name}") }}'


def sign_in_states(address: str) -> list[State]:
    """Return the states of the pages around signing in."""
    back = accounts.returning(address, "carol@example.com", "bob@example.com")
    button = ".otp-passkeys-sign-in button"
    return [
        State("Sign in", SIGN_IN),
        State("A wrong password", SIGN_IN, act=wrong_password),
        State("Welcome back", SIGN_IN, back),
        State("Sign in as", SIGN_IN, back, press(".otp-passkeys-choice >> nth=1")),
        State("Large text: sign in", SIGN_IN, before=LARGE),
        State("Large text: welcome back", SIGN_IN, back, before=LARGE),
        State("One account", SIGN_IN, accounts.returning(address, "kim@example.com")),
        State("Signed in already", SIGN_IN, accounts.new("lee")),
        State("A passkey is asked for", SIGN_IN, act=unread(button)),
        State("Sign in, scripts blocked", SIGN_IN, act=later, before=NO_SCRIPTS),
        State("The offer of a first passkey", "/", accounts.offered(), whole_window=True),
    ]


def reauthentication_states(empty: Any, dana: Any) -> list[State]:
    """Return the states of the page that asks who is there."""
    return [
        State("Is it you? By password", REAUTHENTICATE, empty),
        State("…a wrong one", REAUTHENTICATE, empty, wrong_password),
        State("Is it you? By passkey", REAUTHENTICATE, dana),
        State("…and why", f"{REAUTHENTICATE}passkeys/%23otp-passkeys-add", dana),
        State("…scripts blocked", REAUTHENTICATE, dana, later, NO_SCRIPTS),
        State("Another way", REAUTHENTICATE, dana, press("text=Try another way")),
        State("Sensitive pages of a site", SETTINGS, dana),
    ]


def panel_states(empty: Any, dana: Any, address: str) -> list[State]:
    """Return the states of the panel."""
    erin = accounts.with_passkeys("erin", accounts.ERIN, address, password=None)
    fay = accounts.with_passkeys("fay", accounts.FAY, address)
    jane = accounts.with_passkeys("jane", accounts.JANE, address)
    manager = Manager("jane", accounts.APPLE, address)
    accounts.new("ivy")
    delete, add, rename = (press(f"[data-{name}]") for name in ("delete", "add", "rename"))
    last = erin.get(PANEL, headers={"accept": "application/json"}).json()["passkeys"][0]
    return [
        State("No passkey yet", PANEL, empty),
        State("The panel", PANEL, dana),
        State("Advice", PANEL, erin),
        State("A warning of FIDO's", PANEL, fay),
        State("Added", PANEL, jane, add_and_type, manager=manager),
        State("Added and named", PANEL, jane, add_and_name, manager=manager),
        State("Naming", PANEL, dana, rename),
        State("A name that is too long", PANEL, dana, too_long),
        State("Switched off", PANEL, accounts.with_passkeys("bo", accounts.BO, address)),
        State("Large text", PANEL, dana, before=LARGE),
        State("Scripts blocked", PANEL, dana, later, NO_SCRIPTS),
        State("Deleting…", PANEL, dana, deleting, whole_window=True),
        State("Delete?", PANEL, dana, delete, whole_window=True),
        State("The only way in", PANEL, erin, delete, whole_window=True),
        State("Cancelled", PANEL, dana, add, rejected("NotAllowedError")),
        State("Already here", PANEL, fay, add, rejected("InvalidStateError")),
        State("A failure", PANEL, dana, add, rejected("SecurityError")),
        State("A browser without passkeys", PANEL, dana, before=NO_WEBAUTHN),
        State("Rename, without JavaScript", last["rename_url"], erin),
        State("Delete, without JavaScript", last["delete_url"], erin),
        State("Sign out everywhere else", ELSEWHERE, dana),
        State("…done", f"{SIGN_IN}?next={ELSEWHERE}", act=sign_out_elsewhere),
        State("Not found", f"{PANEL}999/delete/", dana),
    ]


def admin_states() -> list[State]:
    """Return the states of the admin, which has the passkeys of all who are in the other pictures."""
    root = accounts.staff("root")
    return [
        State("The admin’s list", ADMIN, root, whole_window=True),
        State("The admin’s sign-in page", f"/admin/login/?next={ADMIN}", whole_window=True),
    ]
