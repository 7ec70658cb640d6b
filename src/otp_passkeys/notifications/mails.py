"""Mails to a user whose passkeys changed, so that a passkey which somebody else planted is noticed (P11)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core import mail
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext

from ..conf import conf
from ..exceptions import UnusableAddress
from ..origins import host_and_port
from ..relying_party import made_for
from . import limit

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..models import Passkey

logger = logging.getLogger("otp_passkeys")

# Seconds for which a mail server may say nothing, where the site has not said how long.
_PATIENCE = 10

# Part of a User-Agent, and what it means; the first that is found counts, because most name others as well.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def on_passkey_registered(
    sender: Any,
    request: HttpRequest | None,
    user: Any,
    passkey: Passkey,
    purpose: str = "",
    **_: Any,
) -> None:
    """Tell a user by mail that a passkey was added.

    :param sender: the Passkey class.
    :param request: the request that added it, or None.
    :param user: its owner.
    :param passkey: the passkey.
    :param purpose: ``"upgrade"`` if the browser added it by itself.
    """
    _notify("passkey_added", request, user, passkey, automatic=purpose == "upgrade")


def on_passkey_deleted(
    sender: Any, request: HttpRequest | None, user: Any, passkey: Passkey, **_: Any
) -> None:
    """Tell a user by mail that a passkey was deleted.

    :param sender: the Passkey class.
    :param request: the request that deleted it, or None.
    :param user: its owner.
    :param passkey: the passkey, no longer stored.
    """
    _notify("passkey_deleted", request, user, passkey)


def browser_of(user_agent: str) -> str:
    """Return what a ``User-Agent`` says in words of ours, such as "Firefox on Windows", or an empty text.

    The header itself is not repeated: its sender could write anything into the mail.

    :param user_agent: the header.
    """
    browser = next((name for part, name in _BROWSERS if part in user_agent), "")
    system = next((name for part, name in _SYSTEMS if part in user_agent), "")
    if browser and system:
        # Translators: Both are names, which are not translated: “Firefox on Windows”, “Safari on iPhone”.
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system


def _notify(
    name: str, request: HttpRequest | None, user: Any, passkey: Passkey, **extra: Any
) -> None:
    """Send the mail of a name if the site and the user want it; a failure is logged and goes no further."""
    from .names import account_of, names_of  # late: most processes send none

    try:
        address = getattr(user, user.get_email_field_name(), "")
        if not address or not conf.OTP_PASSKEYS_NOTIFY or not (number := _number(passkey)):
            return
        context = {
            "user": user,
            "passkey": passkey,
            "account": account_of(user, address),
            **names_of(passkey),
            # Users without one would look in vain for how to change it.
            "has_password": conf.OTP_PASSKEYS_POLICY.has_password(user),
            "site": conf.OTP_PASSKEYS_RP_NAME or passkey.rp_id,
            # With a zone, also where USE_TZ is False: the mail names it, in the hour that comes twice too.
            "time": timezone.now().astimezone(),
            "browser": _browser(request, user),
            "url": _panel(request),
            "more_may_follow": number == limit.MOST,
            **extra,
        }
        # A user has no time zone of their own here, and that of a request may be anybody's.
        with timezone.override(timezone.get_default_timezone()):
            # On one line, whatever the site is called; a break would end the header.
            subject = " ".join(_rendered(f"{name}_subject.txt", context).split())
            # The layout has it as its title.
            context["subject"] = subject
            text, html = (_rendered(f"{name}.{ending}", context) for ending in ("txt", "html"))
        message = mail.EmailMultiAlternatives(subject, text, to=[address])
        message.attach_alternative(html, "text/html")
        _mailer().send_messages([message])
    except Exception as error:
        # Only the class: mail servers repeat addresses in what they say.
        logger.warning("A mail was not sent: %s", type(error).__name__)


def _rendered(template: str, context: dict[str, Any]) -> str:
    return render_to_string(f"otp_passkeys/mail/{template}", context)


def _number(passkey: Passkey) -> int:
    """Count a mail; if the database cannot count it, it is sent anyway, because the user must hear of the change."""
    try:
        return limit.count_mail(passkey)
    except Error as error:
        logger.warning("A mail was not counted: %s", type(error).__name__)
        return 1


def _mailer() -> Any:
    """Return the site's mail backend, which gives up on a server that hangs.

    Django waits without a limit by default, and so does the user whose passkey is stored already, until the server that
    runs the site ends the request.
    """
    # Before Django 6.1 there is one backend, and no MAILERS.
    backend: Any = mail.mailers.default if hasattr(mail, "mailers") else mail.get_connection()
    if getattr(backend, "timeout", 0) is None:  # SMTP's, and not set
        backend.timeout = _PATIENCE
    return backend


def _browser(request: HttpRequest | None, user: Any) -> str:
    # In the admin, it would be somebody else's.
    if request is None or getattr(request, "user", None) != user:
        return ""
    return browser_of(request.headers.get("User-Agent", ""))


def _panel(request: HttpRequest | None) -> str:
    """Return the address of the list at an origin of the relying party, or an empty text.

    What the Host header says is believed as far as for a ceremony: the mail may have been caused by somebody else.
    """
    if request is None:
        return ""
    try:
        party = made_for(request)
    except (UnusableAddress, DisallowedHost):
        return ""
    host = host_and_port(request)
    here = (f"{request.scheme}://{host}", f"https://{host}")  # a proxy may hide the TLS
    secure = [origin for origin in party.origins if origin.startswith("https://")]
    origins = [origin for origin in here if origin in party.origins] or secure
    try:
        return origins[0] + reverse("otp_passkeys:list") if origins else ""
    except NoReverseMatch:  # a site that has its own views
        return ""
