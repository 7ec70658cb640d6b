"""Offer the software authenticator to pytest.

In a site's `conftest.py`: `pytest_plugins = ["otp_passkeys.testing.fixtures"]`.
"""

from __future__ import annotations

import pytest

from .authenticator import Authenticator

__all__ = ["authenticator"]


@pytest.fixture
def authenticator() -> Authenticator:
    """Return an empty software authenticator at the test client's own address."""
    return Authenticator()
