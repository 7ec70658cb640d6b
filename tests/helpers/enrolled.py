"""The passkey that most tests begin with: registered once in each process, put back as it was for the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import mail
from django.db import transaction

from otp_passkeys.models import Passkey, UserHandle
from otp_passkeys.testing import Authenticator

from .steps import SignedIn, enrol

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from otp_passkeys.testing.store import Credential


@dataclass(frozen=True)
class Enrolment:
    """What a registration left: on the authenticator, and in the database."""

    credential: Credential
    handle: bytes
    columns: dict[str, Any]


# By what a registration depends on: the user, the authenticator and the app's settings.
_enrolments: list[tuple[tuple[object, ...], Enrolment]] = []


def give_passkey(user: User, signed_in: SignedIn, authenticator: Authenticator) -> Passkey:
    """Give a user the passkey of a real registration, which is run where there was none like it.

    A registration is two requests and a session. Where what it depends on is the same, it leaves the same.
    """
    ours = {name: getattr(settings, name) for name in dir(settings) if name[:4] == "OTP_"}
    empty = replace(authenticator, credentials=[])
    key = (user.get_username(), user.email, user.get_full_name(), empty, ours)
    found = next((enrolment for one, enrolment in _enrolments if one == key), None)
    if found is None:
        found = _enrol(user, signed_in, replace(authenticator, credentials=[]))
        _enrolments.append((key, found))
    authenticator.credentials.append(replace(found.credential))
    UserHandle.objects.create(user=user, handle=found.handle)
    return Passkey.objects.create(user=user, **found.columns)


def _enrol(user: User, signed_in: SignedIn, authenticator: Authenticator) -> Enrolment:
    """Run the registration, and take back all that it wrote."""
    mails = len(getattr(mail, "outbox", ()))
    with transaction.atomic():
        same = type(user).objects.get(pk=user.pk)
        passkey = Passkey.objects.get(pk=enrol(signed_in(same), authenticator).pk)
        handle = UserHandle.objects.get(user=user).handle
        transaction.set_rollback(True)
    del mail.outbox[mails:]
    made_for_each = {"id", "user", "created_at"}
    columns = {
        field.name: getattr(passkey, field.name)
        for field in Passkey._meta.concrete_fields
        if field.name not in made_for_each
    }
    return Enrolment(authenticator.credentials[0], bytes(handle), columns)
