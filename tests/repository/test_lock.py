"""The lock names a release of everything that the sessions install, and one that pyproject.toml allows."""

import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it

ROOT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = PYPROJECT["dependency-groups"]
WANTED = {
    "the package": PYPROJECT["project"]["dependencies"],
    **{name: [one for one in group if isinstance(one, str)] for name, group in GROUPS.items()},
}


def pins(lines: list[str]) -> dict[str, set[str]]:
    """Return the releases that are pinned, by the name of the distribution."""
    found: dict[str, set[str]] = {}
    for pin in map(Requirement, lines):
        [specifier] = pin.specifier
        assert specifier.operator == "==", pin
        found.setdefault(canonicalize_name(pin.name), set()).add(specifier.version)
    return found


LOCKED = pins((ROOT / "constraints.txt").read_text("utf-8").splitlines())


@pytest.mark.parametrize("name", WANTED)
def test_complete(name: str) -> None:
    """A dependency that was added or raised needs `nox -s lock`; otherwise its release changes from day to day."""
    for requirement in map(Requirement, WANTED[name]):
        releases = LOCKED.get(canonicalize_name(requirement.name))
        assert releases, requirement
        assert all(release in requirement.specifier for release in releases), requirement


def test_build_system() -> None:
    """What builds the package is pinned too, and to the releases of the lock where both have it."""
    pinned = pins(PYPROJECT["build-system"]["requires"])
    assert {"hatchling", "editables"} <= pinned.keys()
    for name, releases in pinned.items():
        assert releases <= LOCKED.get(name, releases), name
