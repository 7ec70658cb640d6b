"""Steps around what makes the scripts wait: long limits that are short, and what is asked meanwhile."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from .quiet import unlocked

# A ceremony of 305 s, and the 10 s for a lock, pass in a thousandth of their time; the 20 s of a request stay.
QUICK = """
window.patient = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => patient(ms === 20000 ? ms : ms / 1000);
"""
# So do the waits of two seconds and more that the scripts keep with a timer.
SOON = """
const { setTimeout: patient } = window;
window.setTimeout = (run, ms = 0, ...args) => patient(run, ms >= 2000 ? ms / 100 : ms, ...args);
"""
TAKE_LOCK = "navigator.locks.request('otp-passkeys', { steal: true }, () => 0)"


def hasten_animations(page: Page) -> None:
    """Run the animations of a tab a hundred times as fast, for text that appears after three seconds."""
    session = page.context.new_cdp_session(page)
    session.send("Animation.enable")
    session.send("Animation.setPlaybackRate", {"playbackRate": 100})


def count(page: Page, name: str) -> list[str]:
    """Collect the methods of the requests to an address of the app, in all tabs."""
    sent: list[str] = []
    url = reverse(f"otp_passkeys:{name}")
    page.context.on(
        "request", lambda one: sent.append(one.method) if one.url.endswith(url) else None
    )
    return sent


def expect_not_busy(page: Page) -> None:
    """Expect that nothing is under way in the panel, and the lock is free."""
    expect(page.locator("[aria-busy]")).to_have_count(0)
    unlocked(page)
