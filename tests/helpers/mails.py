"""What was mailed."""

from typing import Any

from django.core.mail import EmailMultiAlternatives


def only(mails: list[Any]) -> tuple[EmailMultiAlternatives, str, str]:
    """Return the one mail that was sent, its text and its HTML."""
    (mail,) = mails
    ((html, kind),) = mail.alternatives
    assert kind == "text/html"
    return mail, mail.body, html
