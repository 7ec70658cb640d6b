"""What the system checks of the app say."""

from __future__ import annotations

from django.core import checks as django_checks
from django.core.checks import CheckMessage


def messages(*, deploy: bool = False) -> list[CheckMessage]:
    """Run all checks as `manage.py check` does, and return those of the app."""
    found = django_checks.run_checks(include_deployment_checks=deploy)
    return [each for each in found if str(each.id).startswith("otp_passkeys.")]


def ids(*, deploy: bool = False) -> list[str]:
    """Return the IDs of what is wrong."""
    return [str(each.id) for each in messages(deploy=deploy)]
