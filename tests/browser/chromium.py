"""Chromium with a virtual authenticator, which can be asked what it holds, over DevTools."""

import os
import re
import shutil
import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Playwright,
)

from otp_passkeys.testing import Credential

COMPLETE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The same engine without Chrome's windows, in a third of the time. CHROMIUM=complete does without it.
SHELL = ("chromium-headless-shell",)

# The first two cost a process each for every tab: one in reserve, and one in place of the empty page's, which cuts
# windows off from their openers; no page here opens any. The others Playwright turns off, whose switch this replaces.
TURNED_OFF = (
    "SpareRendererForSitePerProcess,CrossOriginOpenerPolicy,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,OptimizationHints,"
    "NetworkTimeServiceQuerying,PaintHolding,ThirdPartyStoragePartitioning"
)

ARGUMENTS = [
    "--no-sandbox",  # Chromium refuses to start as root with it, and CI containers run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={TURNED_OFF}",
]

# Runs before the page's own scripts and is not subject to its policy. Says how each get() asks, and
# leaves the asking to the browser.
ASKS = "navigator.credentials.get: "
WATCH = f"""
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `Content-Security-Policy: ${{event.effectiveDirective}} blocked ${{event.blockedURI}}`));
const {{ get }} = window.CredentialsContainer?.prototype ?? {{}};
if (get) CredentialsContainer.prototype.get = function (options) {{
  console.debug("{ASKS}" + (options.mediation ?? "modal"));
  return get.call(this, options);
}};
"""

# Makes a create() of the page's pass for the browser's own, in every frame: an init script runs in each.
AS_THE_BROWSER = """
const { toString } = Function.prototype;
Function.prototype.toString = function () {
  return this.name === "create" ? "function create() { [native code] }" : toString.call(this);
};
"""


def executable(*, complete: bool = False) -> str | None:
    """Find the Chromium of this machine, and its headless shell first unless a test needs all of it."""
    complete = complete or os.environ.get("CHROMIUM") == "complete"
    names = COMPLETE if complete else SHELL + COMPLETE
    return next((path for name in names if (path := shutil.which(name))), None)


def launch(playwright: Playwright, path: str) -> Browser:
    """Start the headless Chromium at `path`."""
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=True)


def until(page: Page, condition: Callable[[], bool], *, what: str, seconds: float = 10) -> None:
    """Wait until `condition` holds, letting the page's events in meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        page.wait_for_timeout(25)


@dataclass(frozen=True, kw_only=True)
class HeldPasskey:
    """One credential as the authenticator holds it; byte strings as unpadded base64url."""

    credential_id: str
    rp_id: str
    user_handle: str
    user_name: str
    display_name: str
    sign_count: int
    backup_eligible: bool
    backup_state: bool


class VirtualAuthenticator:
    """A platform authenticator that exists in one tab only, and what has happened to it.

    `events` collects (name, credential ID) for `added`, `asserted`, `deleted` and `updated`, and
    `asked` how the pages of the tab called get(): `conditional` or `modal`.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session: CDPSession = page.context.new_cdp_session(page)
        self.events: list[tuple[str, str]] = []
        self.asked: list[str] = []
        page.on("console", self._on_console)
        self._session.send("WebAuthn.enable")
        self._id = self._add()
        for name in ("Added", "Asserted", "Deleted", "Updated"):
            self._session.on(f"WebAuthn.credential{name}", self._recorder(name.lower()))

    def _add(self) -> str:
        answer = self._session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return str(answer["authenticatorId"])

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith(ASKS):
            self.asked.append(message.text.removeprefix(ASKS))

    def _recorder(self, name: str) -> Callable[[dict[str, Any]], None]:
        def record(event: dict[str, Any]) -> None:
            credential_id = event.get("credentialId") or event["credential"]["credentialId"]
            self.events.append((name, _base64url(credential_id)))

        return record

    def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._session.send(
            f"WebAuthn.{method}", {"authenticatorId": self._id, **parameters}
        )
        return answer

    def credentials(self) -> list[HeldPasskey]:
        """Ask the authenticator what it holds, ordered by credential ID."""
        held = [
            HeldPasskey(
                credential_id=_base64url(one["credentialId"]),
                rp_id=one["rpId"],
                user_handle=_base64url(one["userHandle"]),
                user_name=one.get("userName", ""),
                display_name=one.get("userDisplayName", ""),
                sign_count=one["signCount"],
                backup_eligible=one["backupEligibility"],
                backup_state=one["backupState"],
            )
            for one in self._send("getCredentials")["credentials"]
        ]
        return sorted(held, key=lambda one: one.credential_id)

    def ids(self) -> set[str]:
        """Ask the authenticator for the IDs that it holds."""
        return {one.credential_id for one in self.credentials()}

    def until(self, condition: Callable[[list[HeldPasskey]], bool], *, what: str) -> None:
        """Wait until what the authenticator holds fulfils `condition`."""
        until(self._page, lambda: condition(self.credentials()), what=what)

    def hold(self, credential: Credential) -> None:
        """Put a passkey of a software authenticator into it."""
        private_key = credential.private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        parameters = {
            "credentialId": _base64(credential.id),
            "isResidentCredential": True,
            "rpId": credential.rp_id,
            "privateKey": _base64(private_key),
            "userHandle": _base64(credential.user_handle),
            "userName": credential.user_name,
            "userDisplayName": credential.user_display_name,
            "signCount": credential.sign_count,
        }
        self._send("addCredential", credential=parameters)

    def remove(self, credential_id: str) -> None:
        """Remove one credential, named by its unpadded base64url ID."""
        raw = b64decode(credential_id + "=" * (-len(credential_id) % 4), altchars=b"-_")
        self._send("removeCredential", credentialId=_base64(raw))

    def set_user_verified(self, verified: bool) -> None:
        """Say whether the user passes verification; if not, calls end in NotAllowedError."""
        self._send("setUserVerified", isUserVerified=verified)

    def set_presence(self, present: bool) -> None:
        """Say whether the user touches it at once; if not, calls stay pending.

        It counts for calls that begin afterwards, not for those that are pending.
        """
        self._send("setAutomaticPresenceSimulation", enabled=present)


@dataclass
class Complaints:
    """What a page complained about: errors, refused content, and every word in its console.

    A pattern given to `expect` is searched for in a complaint; what matches none fails the test.
    `personal` names what must not be in the console, besides what the database knows.
    """

    errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    personal: set[str] = field(default_factory=set)
    _expected: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Collect from every page of `context`."""
        context.add_init_script(WATCH)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)
        url = message.location.get("url", "")
        # Chromium asks for this by itself, on pages that name no icon.
        if message.type in ("error", "assert") and not url.endswith("/favicon.ico"):
            self.errors.append(f"{message.text} ({url})")

    def expect(self, pattern: str) -> None:
        """Let complaints pass in which the regular expression `pattern` is found."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        """List the complaints that no test expected."""
        return [one for one in self.errors if not any(re.search(p, one) for p in self._expected)]

    def leaks(self, details: set[str]) -> list[str]:
        """List what the console was told that holds a personal detail."""
        personal = self.personal | details
        return [one for one in self.console if any(word in one for word in personal)]


def _base64url(value: str) -> str:
    return urlsafe_b64encode(b64decode(value)).decode().rstrip("=")


def _base64(value: bytes) -> str:
    # The protocol wants the padded, standard alphabet, unlike WebAuthn itself.
    return b64encode(value).decode()
