"""Firefox, driven over its own Marionette protocol.

Debian has no geckodriver, and the client on PyPI, marionette_driver, is no longer supported. What
the tests need of the protocol is a socket and JSON; it is described at
https://firefox-source-docs.mozilla.org/testing/marionette/
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

PREFERENCES: dict[str, bool | int | str] = {
    "marionette.port": 0,  # any free one; Firefox writes which into the profile
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "signon.rememberSignons": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}

# What the browser's own console holds about the pages of a site, refused content included.
READ_ERRORS = """
const [site] = arguments;
return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && !(one.flags & Ci.nsIScriptError.warningFlag))
  .filter((one) => one.sourceName.startsWith(site))
  .map((one) => `${one.category}: ${one.errorMessage}`);
"""


# The lock is that of the syncs, which hold it while they ask and report: those that were begun before are done.
SETTLE = """
const [done] = arguments;
setTimeout(() => navigator.locks.request("otp-passkeys", () => done()), 60);
"""

# Cookies, storage, caches, and whatever else a site leaves behind; and what the console holds.
FORGET = """
const [done] = arguments;
Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, () => {
  Services.console.reset();
  done();
});
"""


class MarionetteError(Exception):
    """Firefox refused a command."""


def executable() -> str | None:
    """Find the Firefox of this machine."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One headless Firefox, on the site at `site`; reset() makes it as new, close() ends it."""

    def __init__(self, *, path: str, profile: Path, site: str) -> None:
        self._site = site
        self._authenticators: list[str] = []
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items())
        (profile / "user.js").write_text("\n".join(lines))
        command = [path, "-headless", "-marionette", "-remote-allow-system-access", "-no-remote"]
        self._process = subprocess.Popen(
            [*command, "-profile", str(profile)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._socket = socket.create_connection(("127.0.0.1", self._port(profile)), timeout=30)
            self._reader = self._socket.makefile("rb")
            self._receive()  # the greeting
            self._count = 0
            self.send("WebDriver:NewSession", capabilities={})
        except BaseException:
            self._end()
            raise

    def _port(self, profile: Path) -> int:
        file = profile / "MarionetteActivePort"
        end = time.monotonic() + 60
        while not (file.exists() and file.read_text().strip()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise MarionetteError("Firefox did not open its Marionette port")
            time.sleep(0.05)
        return int(file.read_text())

    def _receive(self) -> Any:
        digits = b""
        while (one := self._reader.read(1)) != b":":
            if not one:
                raise MarionetteError("Firefox closed the connection")
            digits += one
        return json.loads(self._reader.read(int(digits)))

    def send(self, command: str, /, **parameters: object) -> Any:
        """Send one command and return its result; raise MarionetteError when it is refused."""
        self._count += 1
        message = json.dumps([0, self._count, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            raise MarionetteError(f"{command}: {error['error']}: {error['message']}")
        # Commands that answer with one value wrap it, those with a structure do not.
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def go(self, path: str) -> None:
        """Open a page of the site and wait until it has loaded."""
        self.send("WebDriver:Navigate", url=self._site + path)

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a synchronous function in the page and return what it returns."""
        return self.send("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def find(self, selector: str) -> str:
        """Return a reference to the first element that `selector` matches."""
        found = self.send("WebDriver:FindElement", using="css selector", value=selector)
        return str(found[ELEMENT])

    def click(self, selector: str) -> None:
        """Click the first element that `selector` matches, as a user would who scrolls it clear of what is sticky."""
        element = self.find(selector)
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.send("WebDriver:ElementClick", id=element)

    def type(self, selector: str, text: str) -> None:
        """Type `text` into the first field that `selector` matches."""
        self.send("WebDriver:ElementSendKeys", id=self.find(selector), text=text)

    def text(self, selector: str = "body") -> str:
        """Return the visible text of the first element that `selector` matches."""
        return str(self.send("WebDriver:GetElementText", id=self.find(selector)))

    def count(self, selector: str) -> int:
        """Count the elements that `selector` matches."""
        found = self.send("WebDriver:FindElements", using="css selector", value=selector)
        return len(found)

    def until(self, condition: Callable[[], bool], *, what: str, seconds: float = 10) -> None:
        """Wait until `condition` holds; a page that is just being replaced counts as not yet."""
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except MarionetteError:
                pass
            if time.monotonic() > end:
                raise AssertionError(f"not within {seconds} s: {what}")
            time.sleep(0.05)

    def settle(self) -> None:
        """Wait until the syncs of the page are done, and those that they may have begun."""
        for _ in range(2):
            self.send("WebDriver:ExecuteAsyncScript", script=SETTLE, args=[])

    def add_authenticator(self) -> str:
        """Add a platform authenticator that answers at once, and return its ID."""
        added = str(
            self.send(
                "WebAuthn:AddVirtualAuthenticator",
                protocol="ctap2_1",
                transport="internal",
                hasResidentKey=True,
                hasUserVerification=True,
                isUserConsenting=True,
                isUserVerified=True,
            )
        )
        self._authenticators.append(added)
        return added

    def credential_ids(self, authenticator: str) -> set[str]:
        """Ask an authenticator for the IDs that it holds, unpadded base64url."""
        held = self.send("WebAuthn:GetCredentials", authenticatorId=authenticator)
        return {one["credentialId"].rstrip("=") for one in held}

    @contextmanager
    def privileged(self) -> Iterator[None]:
        """Run scripts with the browser's own rights for a while."""
        self.send("Marionette:SetContext", value="chrome")
        try:
            yield
        finally:
            self.send("Marionette:SetContext", value="content")

    def errors(self) -> list[str]:
        """List the script errors and the refused content of the site's pages."""
        with self.privileged():
            return list(self.run(READ_ERRORS, self._site))

    def reset(self) -> None:
        """Make the browser as new: an empty tab, nothing stored, no authenticator, an empty console."""
        fresh = self.send("WebDriver:NewWindow", type="tab")["handle"]
        for handle in set(self.send("WebDriver:GetWindowHandles")) - {fresh}:
            self.send("WebDriver:SwitchToWindow", handle=handle)
            self.send("WebDriver:CloseWindow")
        self.send("WebDriver:SwitchToWindow", handle=fresh)
        for authenticator in self._authenticators:
            self.send("WebAuthn:RemoveVirtualAuthenticator", authenticatorId=authenticator)
        self._authenticators.clear()
        with self.privileged():
            self.send("WebDriver:ExecuteAsyncScript", script=FORGET, args=[])

    def close(self) -> None:
        """End the browser and wait for it."""
        with suppress(MarionetteError, OSError):
            self.send("Marionette:Quit", flags=["eForceQuit"])
        self._reader.close()
        self._socket.close()
        self._end()

    def _end(self) -> None:
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
