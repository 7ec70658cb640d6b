"""Passkeys as an import leaves them: real ones, of which the other package kept less, or under another handle."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator, to_base64url

from ..helpers.steps import SignedIn, enrol
from ..helpers.sync import fetch

GUESSABLE = b"1"  # as django-allauth gives the first user


def imported(
    user: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    *,
    handle: bytes | None = GUESSABLE,
    candidates: list[bytes] | None = None,
    **fields: Any,
) -> Passkey:
    """Store a passkey that an authenticator holds under the handle of another package.

    :param handle: the handle that the authenticator knows; None leaves the account's.
    :param candidates: what the importer could compute instead of knowing it.
    :param fields: of the row, where they are to differ.
    """
    passkey = enrol(signed_in(user), authenticator)
    if handle is not None:
        authenticator.credentials[-1].user_handle = handle
    stored: dict[str, Any] = {"backup_eligible": None, "backup_state": False, "handle": handle}
    if candidates is not None:
        stored |= {"handle": None, "handle_candidates": [to_base64url(one) for one in candidates]}
    Passkey.objects.filter(pk=passkey.pk).update(**{**stored, **fields})
    return Passkey.objects.get(pk=passkey.pk)


def handle_of_package(user: User, handle: bytes = GUESSABLE, **fields: Any) -> ImportedHandle:
    """Store that another package gave a user a handle; it is complete and nobody else's unless it is said."""
    UserHandle.objects.filter(pk=user.pk).update(has_imported_handles=True)
    return ImportedHandle.objects.create(
        user=user, handle=handle, **{"rp_id": "testserver", "complete": True, **fields}
    )


def calls(client: Client) -> dict[str, dict[str, Any]]:
    """Return what is to be signalled, by user handle."""
    payload = fetch(client)
    return {one["userId"]: one for one in [payload, *payload.get("former", [])] if "userId" in one}


def account_of(user: User) -> str:
    """Return the random handle of a user as browsers take it."""
    return to_base64url(bytes(UserHandle.objects.get(user=user).handle))


def delete(passkey: Passkey) -> None:
    """Delete a passkey as a command does."""
    Passkey.objects.get(pk=passkey.pk).delete()
