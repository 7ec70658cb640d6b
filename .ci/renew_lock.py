"""Renews the lock: the newest releases that pyproject.toml allows, for every Python that is supported.

`python .ci/renew_lock.py GROUP...` resolves the package with these dependency groups; it needs uv.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "constraints.txt"
PROJECT = ROOT / "pyproject.toml"
HOOKS = ROOT / ".pre-commit-config.yaml"
# The first with license expressions (PEP 639), and what it asks for when an installation is editable.
BUILD_BACKEND = "hatchling>=1.27\neditables>=0.3"


def resolved(*arguments: str, requirements: str = "") -> str:
    """Return the pins that uv finds, one to a line.

    :param arguments: what to resolve, and options.
    :param requirements: lines for the file `-`, if that is what to resolve.
    """
    command = ("uv", "pip", "compile", "--universal", "--python-version=3.10")
    options = ("--no-header", "--no-annotate", "--quiet", "--upgrade")
    found = subprocess.run(
        [*command, *options, *arguments],
        cwd=ROOT,
        input=requirements,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return found.stdout


def lock(groups: list[str]) -> None:
    """Write constraints.txt: everything that the sessions install."""
    LOCK.write_text(resolved(PROJECT.name, *(f"--group={group}" for group in groups)))


def pin_build_backend() -> None:
    """Write into pyproject.toml what builds the package: pip reads no constraints for that."""
    pins = resolved("-", f"--constraint={LOCK}", requirements=BUILD_BACKEND)
    lines = "".join(f'    "{pin}",\n' for pin in pins.replace('"', "'").splitlines())
    text = PROJECT.read_text()
    PROJECT.write_text(re.sub(r"(?ms)^(requires = \[\n).*?^(\])", rf"\1{lines}\2", text, count=1))


def pin_hooks() -> None:
    """Give the hooks of pre-commit the releases of the lock."""
    locked = LOCK.read_text()
    HOOKS.write_text(
        re.sub(
            r'(?<=")([a-z-]+)==[^"]+(?=")',
            lambda pin: re.findall(rf"(?m)^{pin[1]}==[^ ;\n]+", locked)[-1],
            HOOKS.read_text(),
        )
    )


if __name__ == "__main__":
    lock(sys.argv[1:])
    pin_build_backend()
    pin_hooks()
