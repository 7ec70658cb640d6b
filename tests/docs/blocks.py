"""The blocks of code in README and documentation."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_START = re.compile(r"^(?P<indent> *)(?:\.\. code-block:: (?P<language>\S+)|(?! *\.\. ).*::)$")
_OPTION = re.compile(r" +:(\w+): (.+)$")


@dataclass(frozen=True)
class Block:
    """What stands in one ``code-block``, or below a ``::``."""

    page: str
    """Its path in the repository, without the ending: ``README`` or ``docs/faq``."""
    language: str
    """As the directive says; empty below a ``::``."""
    caption: str
    """The file that it belongs to, if the page names one."""
    code: str

    def __str__(self) -> str:
        return f"{self.page}: {self.code.partition(chr(10))[0]}"


def _blocks(path: Path) -> Iterator[Block]:
    """Read a page from top to bottom."""
    page = path.relative_to(ROOT).with_suffix("").as_posix()
    lines = path.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if not (start := _START.match(line)):
            continue
        body = []
        for below in lines[number + 1 :]:
            if below.strip() and not below.startswith(f"{start['indent']} "):
                break
            body.append(below)
        options = {}
        while body and (option := _OPTION.match(body[0])):
            options[option[1]] = option[2]
            del body[0]
        code = textwrap.dedent("\n".join(body)).strip() + "\n"
        yield Block(page, start["language"] or "", options.get("caption", ""), code)


PAGES = [ROOT / "README.rst", *sorted((ROOT / "docs").rglob("*.rst"))]
BLOCKS = [block for path in PAGES for block in _blocks(path)]


def having(page: str, words: str) -> Block:
    """Return the one block of a page that has these words.

    :param page: as in :attr:`Block.page`.
    :param words: what no other block of the page has.
    """
    found = {block for block in BLOCKS if block.page == page and words in block.code}
    assert len(found) == 1, f"{len(found)} blocks of {page} have {words!r}"
    return found.pop()


def take(page: str, words: str) -> str:
    """Return the code of the block of a page that has these words, for the test that runs it.

    :param page: as for :func:`having`.
    :param words: likewise.
    """
    return having(page, words).code


def run(page: str, words: str, **names: Any) -> dict[str, Any]:
    """Run a block of Python, and return all that it defines.

    :param page: as for :func:`having`.
    :param words: likewise.
    :param names: what the site has beside it.
    """
    scope = {"__name__": "site_example", **names}
    exec(take(page, words), scope)
    return scope
