"""What is imported."""

from pathlib import Path

import pytest

from ..helpers.importing import File


@pytest.fixture
def file(tmp_path: Path) -> File:
    """Return a file to import."""
    return File(tmp_path / "passkeys.jsonl")
