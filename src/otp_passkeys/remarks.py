"""What support should know of a passkey: whether it may be used, and why it may not appear or work."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext, pgettext

from .conf import conf
from .models import Passkey
from .relying_party import is_used, knows_addresses


def moment(when: datetime.datetime | None, form: str = "DATETIME_FORMAT") -> str:
    """Return a date in the language and time zone of whoever reads it, or an empty text.

    :param when: the date, with a zone or, where ``USE_TZ`` is off, without one.
    :param form: the name of one of Django's formats.
    """
    if when is None:
        return ""
    return date_format(localtime(when) if is_aware(when) else when, form)


def state(passkey: Passkey) -> tuple[str, bool]:
    """Return in a few words whether a passkey may be used, and whether it signs its owner in.

    :param passkey: a stored passkey.
    """
    if not passkey.confirmed:
        return pgettext("passkeys", "Switched off"), False
    if knows_addresses() and not is_used(passkey.rp_id):
        # Translators: Of a passkey, in the admin: it was made for an address that the site no longer has.
        return gettext("For another address"), False
    if passkey.second_step_only:
        return gettext("Second step only"), False
    # Translators: Of a passkey, in the admin: it may be used. The opposite of “Switched off”.
    return pgettext("passkeys", "Switched on"), True


def of_account(user: Any) -> str:
    """Return why no passkey signs a user in, or an empty text.

    :param user: the owner.
    """
    if conf.OTP_PASSKEYS_POLICY.may_sign_in(user):
        return ""
    if user.is_active:
        return gettext("The site’s policy refuses the account: no passkey signs it in.")
    return gettext("The account is inactive: no passkey signs it in.")


def of_passkey(passkey: Passkey) -> Iterator[str]:
    """Say why a passkey may not appear in a browser, or not work; no key, credential ID or handle is named.

    :param passkey: a stored passkey, with its owner's handle joined.
    """
    if not passkey.confirmed:
        yield gettext(
            "It is switched off: it signs nobody in until it is switched on in the admin."
        )
    if knows_addresses() and not is_used(passkey.rp_id):
        yield gettext("It was made for another RP ID: browsers do not offer it here.")
    if not passkey.possible_handles:
        yield gettext(
            "The account has no user handle: no passkey signs it in. Delete it, and have the user add a new one."
        )
    if passkey.second_step_only:
        yield gettext(
            "It is a second step only: it cannot be used alone until it verifies its user after another way to"
            " sign in."
        )
    if passkey.discoverable is False:
        yield gettext(
            "The authenticator keeps no name with it: it works only where the account is known."
        )
    if not passkey.user_verified and conf.user_verification == "required":
        yield gettext(
            "It never verified its user: it works only if the device has a PIN or biometrics now."
        )
    if passkey.sign_count_fell_at is not None:
        text = gettext(
            # Translators: Of a passkey that counts its uses. %(date)s is a date with the time.
            "Its sign count fell on %(date)s, and it was let in because it is synced."
            " It was probably moved to another password manager: ask the user."
        )
        yield text % {"date": moment(passkey.sign_count_fell_at)}
