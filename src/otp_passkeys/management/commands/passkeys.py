"""Say which passkeys an account has, and why one may not appear or work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import date_format
from django.utils.timezone import is_aware, localtime

from ... import actions, sync
from ...conf import conf
from ...exceptions import PasskeyError
from ...models import Passkey
from ...relying_party import is_used, knows_addresses
from ..accounts import NO_ADDRESSES, account


class Command(BaseCommand):
    """``manage.py passkeys NAME``: for support; prints no key, credential ID or handle."""

    help = "List the passkeys of an account, and say why one may not appear or work."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name of the account, and which passkey to remove."""
        parser.add_argument("account", help="what the user types to sign in")
        parser.add_argument(
            "--delete",
            type=int,
            metavar="NUMBER",
            help="delete the passkey with this number, if the user has lost it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete if asked, then list.

        :raises CommandError: if there is no such account or passkey, or it is or may be the last way in.
        """
        user = account(options["account"])
        if options["delete"] is not None:
            if not knows_addresses():
                raise CommandError(NO_ADDRESSES)
            try:
                passkey = actions.owned(user, options["delete"])
                is_asked = sync.asks_to_forget(passkey)
                actions.delete(user=user, pk=passkey.pk)
            except PasskeyError as error:
                raise CommandError(str(error.message)) from error
            self.stdout.write(
                f"Deleted passkey {passkey.pk}. "
                + (
                    "The user's browser is asked to remove it at the next sign-in."
                    if is_asked
                    else "The user may have to remove it from the device or password manager."
                )
            )
        for line in _account(user):
            self.stdout.write(line)


def _account(user: Any) -> Iterator[str]:
    passkeys = Passkey.objects.for_user(user)
    yield f"{user.get_username()}: {len(passkeys) or 'no'} passkey{'' if len(passkeys) == 1 else 's'}."
    if not conf.OTP_PASSKEYS_POLICY.may_sign_in(user):
        why = (
            "The site's policy refuses the account" if user.is_active else "The account is inactive"
        )
        yield f"  ! {why}: no passkey signs it in."
    if passkeys and not knows_addresses():
        yield f"  ! {NO_ADDRESSES}"
    for passkey in passkeys:
        facts = [str(passkey.provider.name), *_syncing(passkey), f"for {passkey.rp_id}"]
        yield f"{passkey.pk}: {passkey.name} ({', '.join(facts)})"
        yield f"  added {_date(passkey.created_at)}, last used {_date(passkey.last_used_at)}"
        for reason in _reasons(passkey):
            yield f"  ! {reason}"


def _syncing(passkey: Passkey) -> list[str]:
    """Say whether there are copies of a passkey, if that is known."""
    if passkey.synced is None:
        return []
    return ["synced" if passkey.synced else "on one device only"]


def _reasons(passkey: Passkey) -> Iterator[str]:
    """Say why a passkey may not appear in a browser, or not work."""
    if not passkey.confirmed:
        yield "It is disabled: switch it on in the admin."
    if knows_addresses() and not is_used(passkey.rp_id):
        yield "It was made for another RP ID: browsers do not offer it here."
    if not passkey.possible_handles:
        yield "The account has no user handle: no passkey signs it in. Delete it, and have the user add a new one."
    if passkey.second_step_only:
        yield (
            "It is a second step only: it cannot be used alone until it verifies its user after another way to"
            " sign in."
        )
    if passkey.discoverable is False:
        yield "The authenticator keeps no name with it: it works only where the account is known."
    if not passkey.user_verified and conf.user_verification == "required":
        yield "It never verified its user: it works only if the device has a PIN or biometrics now."
    if passkey.sign_count_fell_at is not None:
        yield (
            f"Its sign count fell on {_date(passkey.sign_count_fell_at)}, and it was let in because it is synced."
            " It was probably moved to another password manager: ask the user."
        )


def _date(moment: Any) -> str:
    if moment is None:
        return "never"
    return date_format(localtime(moment) if is_aware(moment) else moment, "DATETIME_FORMAT")
