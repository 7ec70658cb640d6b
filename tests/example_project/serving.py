"""The example site, on the database of the tests."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    import pytest
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "example_project"
TAKEN_OVER = [
    "AUTHENTICATION_BACKENDS", "INSTALLED_APPS", "LOGIN_REDIRECT_URL", "LOGIN_URL",
    "LOGOUT_REDIRECT_URL", "MIDDLEWARE", "OTP_PASSKEYS_RP_NAME", "ROOT_URLCONF",
    "STATICFILES_DIRS", "TEMPLATES",
]  # fmt: skip


def serve_example(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take over what the example site is made of, until the test is over."""
    monkeypatch.syspath_prepend(EXAMPLE)
    example = importlib.import_module("example.settings")
    for name in TAKEN_OVER:
        setattr(settings, name, getattr(example, name))


def get(client: Client, name: str) -> Response:
    """Return a page of the site, asked for over HTTPS."""
    return client.get(reverse(name), secure=True)
