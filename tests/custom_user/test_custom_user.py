"""Any user model will do: e-mail only, a UUID for a primary key or a name, no e-mail field at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..sampling import VARIABLES

ROOT = Path(__file__).parents[2]


@pytest.mark.extended
@pytest.mark.parametrize("model", ["Member", "Badge", "Ticket"])
def test_custom_user(model: str) -> None:
    """All ceremonies and the panel work with it; a process has one user model (S0.21, issue 2)."""
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--ds", "tests.custom_user.settings", "tests/custom_user/scenario.py"),
        ],
        cwd=ROOT,
        env={"USER_MODEL": model} | {k: v for k, v in os.environ.items() if k not in VARIABLES},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "6 passed" in result.stdout
