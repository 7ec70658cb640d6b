"""Say which passkeys an account has, and why one may not appear or work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import actions, remarks, sync
from ...exceptions import PasskeyError
from ...models import Passkey
from ...relying_party import knows_addresses
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
    if reason := remarks.of_account(user):
        yield f"  ! {reason}"
    if passkeys and not knows_addresses():
        yield f"  ! {NO_ADDRESSES}"
    for passkey in passkeys:
        facts = [str(passkey.provider.name), *_syncing(passkey), f"for {passkey.rp_id}"]
        yield f"{passkey.pk}: {passkey.name} ({', '.join(facts)})"
        added, used = (
            remarks.moment(when) or "never" for when in (passkey.created_at, passkey.last_used_at)
        )
        yield f"  added {added}, last used {used}"
        for reason in remarks.of_passkey(passkey):
            yield f"  ! {reason}"


def _syncing(passkey: Passkey) -> list[str]:
    """Say whether there are copies of a passkey, if that is known."""
    if passkey.synced is None:
        return []
    return ["synced" if passkey.synced else "on one device only"]
