"""What axe-core finds in the page that is open, and what can be measured that axe-core does not see."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Literal

from playwright.sync_api import Page

# No rule of these tags is turned off: what the app puts into a site's page holds to all of them.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The rules whose answer depends on colours; that of all others is the same in light and in dark.
COLOUR_RULES = ["color-contrast", "link-in-text-block"]

RUN = """async ([within, runOnly, rules]) => {
  // The colours of another scheme are there with the next frame.
  for (const _ of "12") await new Promise(requestAnimationFrame);
  const { violations, incomplete } = await axe.run(within, {
    runOnly, resultTypes: ["violations", "incomplete"], elementRef: true, rules,
  });
  // A contrast that axe-core cannot decide is a finding too. It does not know that a dialog is above
  // the page; what stands in ours is from the delete page, where it can decide.
  const undecided = incomplete.filter(({ id }) => id === "color-contrast").map(({ id, nodes }) =>
    ({ id, nodes: nodes.filter(({ element }) => !element.closest("dialog")) }));
  return [...violations, ...undecided].flatMap(({ id, nodes }) => nodes.map(({ html, any, all, none }) =>
    [id, html.slice(0, 160), [...any, ...all, ...none].map(({ message }) => message).join("; ")]));
}"""

# The controls of the app that are seen and smaller than 44 px; a link in a sentence is exempt.
SMALL = """() => [...document.querySelectorAll(".otp-passkeys :is(a, button, input, summary, select, textarea)")]
  .filter((one) => one.checkVisibility())
  .filter((one) => !one.closest("p") || one.closest("p").innerText.trim() === one.innerText.trim())
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, { height, width }]) => height < 44 || width < 44)
  .map(([html, { height, width }]) => `${width} x ${height}: ${html}`)"""

# What sticks out of the window sideways.
OVERFLOW = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth ? [`${scrollWidth} px wide`] : [];
}"""

# What is larger than the box that clips it. A dialog scrolls, and so may be.
CUT_OFF = """() => [...document.querySelectorAll(".otp-passkeys, .otp-passkeys *")]
  .filter((one) => one.checkVisibility() && !one.matches("dialog, input")
    && getComputedStyle(one).overflow !== "visible"
    && (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1))
  .map((one) => one.outerHTML.slice(0, 120))"""

# What moves although the user asked for less motion.
MOVES = """() => [...document.querySelectorAll(".otp-passkeys, .otp-passkeys *")].flatMap((one) =>
  [undefined, "::before", "::after", "::backdrop"].map((part) => [one, getComputedStyle(one, part)]))
  .filter(([, { animationName, transitionDuration }]) =>
    animationName !== "none" || transitionDuration.split(",").some((time) => parseFloat(time)))
  .map(([one]) => `moves: ${one.outerHTML.slice(0, 120)}`)"""

# As WCAG 1.4.12 has it, in a sheet of the script's own, which the site's policy lets be.
SPACING = """(on) => {
  window.spacing ??= new CSSStyleSheet();
  spacing.replaceSync(on ? `* { letter-spacing: 0.12em !important; line-height: 1.5 !important;
    word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }` : "");
  if (!document.adoptedStyleSheets.includes(spacing)) document.adoptedStyleSheets.push(spacing);
}"""


def source() -> str:
    """Return axe-core; without it no test is skipped, they fail."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(
    page: Page, *, within: str = "html", forced: Literal["active", "none"] = "none"
) -> list[Any]:
    """Return what axe-core has against the page, or a part of it, in dark, and against its colours in light.

    The script comes by the debugger, so the page keeps its Content-Security-Policy. Where colours are
    forced they are the user's, and axe-core reads the fill of text, which Chromium does not report.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(source())
    found = []
    rules = {} if forced == "none" else {"color-contrast": {"enabled": False}}
    colours = [one for one in COLOUR_RULES if one not in rules]
    passes: list[tuple[Literal["dark", "light"], dict[str, Any]]] = [
        ("dark", {"type": "tag", "values": TAGS}),
        ("light", {"type": "rule", "values": colours}),
    ]
    for scheme, only in passes:
        # Without motion, because a colour on its way is neither the one nor the other.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce", forced_colors=forced)
        # With rules that are named, axe-core would run those that are turned off as well.
        values = [within, only, rules if only["type"] == "tag" else {}]
        found += [[scheme, *one] for one in page.evaluate(RUN, values)]
    return found


@contextmanager
def resized(page: Page, width: int, height: int) -> Iterator[None]:
    """Give the window another size for a while."""
    before = page.viewport_size or {"width": 1280, "height": 720}
    page.set_viewport_size({"width": width, "height": height})
    yield
    page.set_viewport_size(before)


def misfits(page: Page) -> list[str]:
    """Return what moves unasked, is too small to hit, sticks out of the window, or is cut off.

    The latter in a window of 320 px, which is one of 1280 px at 400 %, in both directions of writing, with
    the reader's own spacing of text.
    """
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = page.evaluate(MOVES) + page.evaluate(SMALL)
    direction = page.evaluate("document.documentElement.dir")
    with resized(page, 320, 700):
        for name in ("rtl", "ltr"):
            page.evaluate("(it) => { document.documentElement.dir = it }", name)
            for spaced in (True, False):
                page.evaluate(SPACING, spaced)
                for script in (SMALL, OVERFLOW, CUT_OFF):
                    found += [f"{name}, spaced {spaced}: {one}" for one in page.evaluate(script)]
    page.evaluate("(it) => { document.documentElement.dir = it }", direction)
    return found


def examine(page: Page) -> None:
    """Expect that there is nothing against the page as it is now."""
    found = violations(page) + misfits(page)
    assert not found, "\n".join(map(str, found))
