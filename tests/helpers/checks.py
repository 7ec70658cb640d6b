"""What the system checks of the app say."""

from django.core import checks as django_checks
from django.core.checks import ERROR, WARNING, CheckMessage


def messages(*, deploy: bool = False) -> list[CheckMessage]:
    """Run all checks as `manage.py check` does, and return those of the app."""
    found = django_checks.run_checks(include_deployment_checks=deploy)
    return [each for each in found if str(each.id).startswith("otp_passkeys.")]


def ids(*, deploy: bool = False) -> list[str]:
    """Return the IDs of what is wrong."""
    return [str(each.id) for each in messages(deploy=deploy)]


def only_message(number: str, *words: str, hint: str = "", deploy: bool = False) -> CheckMessage:
    """Run all checks, and return what they say: one thing, with this number and level, these words and this hint."""
    (message,) = messages(deploy=deploy)
    assert message.id == f"otp_passkeys.{number}"
    assert message.level == (ERROR if number.startswith("E") else WARNING)
    for word in words:
        assert word in message.msg
    assert hint in str(message.hint)
    return message
