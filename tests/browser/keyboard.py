"""A user who has a keyboard and nothing else, and must see where they are at each step."""

from playwright.sync_api import Locator, Page, expect

# What is wrong with the place of the focus: nothing, if the answer is empty. What is taller than the
# window may go on below it; half a pixel is a matter of rounding.
LOOK = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "nothing has the focus";
  const name = one.outerHTML.slice(0, 120);
  const { left, top, right, bottom, width, height } = one.getBoundingClientRect();
  if (!width || !height) return `no box: ${name}`;
  const { innerWidth, innerHeight } = window;
  const lower = bottom > innerHeight + 1 && (top > 1 || height <= innerHeight);
  if (left < -1 || right > innerWidth + 1 || top < -1 || lower)
    return `out of the window, ${top} to ${bottom}: ${name}`;
  const end = Math.min(bottom, innerHeight);
  for (const y of [top + 3, (top + end) / 2, end - 3]) {
    const hit = document.elementFromPoint(left + width / 2, y);
    if (hit !== one && !one.contains(hit)) return `covered by ${hit?.outerHTML.slice(0, 80)}: ${name}`;
  }
  const look = () => {
    const { outlineStyle, outlineWidth, outlineColor, outlineOffset, boxShadow } = getComputedStyle(one);
    return outlineStyle === "none" ? [boxShadow] : [boxShadow, outlineWidth, outlineColor, outlineOffset];
  };
  const focused = look();
  one.blur();
  const plain = look();
  one.focus({ preventScroll: true });
  if (focused.join() === plain.join()) return `looks as if it had no focus: ${name}`;
  const reach = focused.length > 1 ? parseFloat(focused[1]) + parseFloat(focused[3]) : 0;
  for (let around = one.parentElement; around; around = around.parentElement) {
    if (getComputedStyle(around).overflow === "visible") continue;
    const box = around.getBoundingClientRect();
    if (left - reach < box.left - 1 || right + reach > box.right + 1)
      return `its outline is cut off: ${name}`;
  }
  return "";
}"""

# The same at one step of a way; after the last control the focus is the browser's own, which is no place on the page.
STEP = f"""(target) => {{
  if (document.activeElement === document.body) return ["nowhere", ""];
  const wrong = ({LOOK})();
  return [document.activeElement === target ? "there" : "on the way", wrong];
}}"""


def look(page: Page) -> None:
    """Expect that what has the focus is seen, covered by nothing, and looks as if it had it."""
    wrong = page.evaluate(LOOK)
    assert not wrong, wrong


def press(page: Page, key: str) -> None:
    """Press a key that leaves the focus on this page, and look where it is."""
    page.keyboard.press(key)
    look(page)


def walk(page: Page, target: Locator, *, key: str = "Tab", most: int = 40) -> None:
    """Press Tab until `target` has the focus, and look at each step."""
    expect(target).to_be_visible()
    handle = target.element_handle()
    for _ in range(most):
        page.keyboard.press(key)
        where, wrong = handle.evaluate(STEP)
        assert not wrong, wrong
        if where == "there":
            return
    raise AssertionError(f"not reached with {most} times {key}: {target}")


def choose(page: Page, target: Locator, *, key: str = "Enter") -> None:
    """Walk to a control and press it."""
    walk(page, target)
    page.keyboard.press(key)


def arrive(target: Locator) -> None:
    """Expect that the focus comes to a place by itself, in sight."""
    expect(target).to_be_focused()
    look(target.page)
