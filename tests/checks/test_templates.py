"""The check of what the template tags need."""

from typing import Any

import pytest
from django.http import HttpRequest

from ..helpers.checks import messages, only_message

pytestmark = pytest.mark.django_db
REQUEST = "django.template.context_processors.request"


def ours(request: HttpRequest) -> dict[str, Any]:
    """Stand for a context processor of a site."""
    return {}


def engine(settings: Any, *processors: str, **more: Any) -> dict[str, Any]:
    """Return the engine of the settings with other context processors."""
    options = settings.TEMPLATES[0]["OPTIONS"] | {"context_processors": list(processors)}
    return settings.TEMPLATES[0] | {"OPTIONS": options} | more


def found() -> list[str]:
    """Return the IDs of what the app says, and not what the admin says of the same."""
    return [str(one.id) for one in messages()]


def test_no_request(settings: Any) -> None:
    """W006, S6.12: without the request in their context the tags render nothing, and nobody is told."""
    settings.TEMPLATES = [engine(settings, f"{__name__}.ours")]
    only_message("W006", hint=repr(REQUEST))
    settings.TEMPLATES = [engine(settings, f"{__name__}.ours", REQUEST)]
    assert found() == []


def test_several_engines(settings: Any) -> None:
    """W006: one engine with the request is enough; which one a page uses is not known."""
    without, having = engine(settings, NAME="other"), engine(settings, REQUEST)
    settings.TEMPLATES = [without, having]
    assert found() == []
    settings.TEMPLATES = [without]
    assert found() == ["otp_passkeys.W006"]
    settings.TEMPLATES = []
    assert "otp_passkeys.W006" in found()
