"""What the tests of the example site share."""

from typing import Any

import pytest

from .serving import serve_example


@pytest.fixture(autouse=True)
def example_site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the example site with the database of the tests."""
    serve_example(settings, monkeypatch)
