"""The site that clients without cookies call."""

from typing import Any

import pytest

from ...helpers.tokens import install


@pytest.fixture(autouse=True)
def api(settings: Any) -> None:
    """Serve the views of the how-to."""
    install(settings)
