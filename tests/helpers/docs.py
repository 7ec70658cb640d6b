"""What the documentation shows as code, for tests that run it, and the refusals that it must name."""

import importlib.util
import re
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

from otp_passkeys.exceptions import PasskeyError

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = r"^\.\. code-block:: {language}\n(?:   :\w+:.*\n)*\n((?:   .*\n|\n)+)"
_CAPTIONED = r"^\.\. code-block:: {language}\n   :caption: (.+)\n\n((?:   .*\n|\n)+)"


def code_blocks(page: str, language: str) -> list[str]:
    """Return the code of one language on a page, in its order.

    :param page: e.g. ``"how-to/htmx"``.
    :param language: e.g. ``"html+django"``.
    """
    text = (DOCS / f"{page}.rst").read_text(encoding="utf-8")
    found = re.findall(_BLOCK.format(language=re.escape(language)), text, re.MULTILINE)
    return [textwrap.dedent(block).strip() + "\n" for block in found]


def captioned(page: str, language: str) -> dict[str, str]:
    """Return the code whose caption is the name of a file, by that name.

    :param page: as for :func:`code_blocks`.
    :param language: likewise.
    """
    text = (DOCS / f"{page}.rst").read_text(encoding="utf-8")
    caption = re.compile(_CAPTIONED.format(language=re.escape(language)), re.MULTILINE)
    return {name: textwrap.dedent(block).strip() + "\n" for name, block in caption.findall(text)}


def code_block(page: str, language: str, having: str) -> str:
    """Return the one block of code that has these words.

    :param page: as for :func:`code_blocks`.
    :param language: likewise.
    :param having: what no other block of the page has.
    """
    [block] = [one for one in code_blocks(page, language) if having in one]
    return block


def example(name: str) -> ModuleType:
    """Return a module that stands beside the how-tos.

    :param name: without its ending.
    """
    spec = importlib.util.spec_from_file_location(name, DOCS / "how-to" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def swapped(value: Any, names: dict[str, str]) -> Any:
    """Return a text or a list of texts with some of them replaced whole.

    :param value: what a setting holds.
    :param names: what stands in place of each.
    """
    if isinstance(value, list):
        return [swapped(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def all_errors(base: type[PasskeyError] = PasskeyError) -> list[type[PasskeyError]]:
    """Return a class of refusals and all below it."""
    return [base, *(error for child in base.__subclasses__() for error in all_errors(child))]
