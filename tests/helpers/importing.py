"""Passkeys of elsewhere: as a line of a file, and as a row of a package that only the tests have."""

import io
import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.serializers import serialize
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice

from otp_passkeys.importing import Record, TableSource
from otp_passkeys.importing.attested import decoded
from otp_passkeys.importing.records import Unreadable
from otp_passkeys.models import ImportedCredential, ImportedHandle, Passkey, UserHandle
from otp_passkeys.testing import Authenticator, to_base64url

from .ceremonies import ask_to_create, verify_created

TABLES = (Passkey, UserHandle, ImportedHandle, ImportedCredential)
HANDLE = b"handle of another package"


def made(
    authenticator: Authenticator, *, handle: bytes = HANDLE, user: str = "alice", **members: Any
) -> dict[str, Any]:
    """Make a passkey on an authenticator, and return the members of its line.

    :param members: those that are to differ.
    """
    credential = authenticator.create(ask_to_create(user_handle=handle), force=True)
    created = verify_created(credential)
    return {
        "user": user,
        "user_handle": to_base64url(handle),
        "credential_id": to_base64url(created.credential_id),
        "public_key": to_base64url(created.public_key),
        "rp_id": "testserver",
        "sign_count": created.sign_count,
        "user_verified": True,
        "backup_eligible": created.backup_eligible,
        "backup_state": created.backup_state,
        **members,
    }


@dataclass(frozen=True)
class Ran:
    """What a command printed, and how it ended."""

    lines: list[str]
    status: int = 0


def run(name: str, *arguments: str, **options: Any) -> Ran:
    """Run a command."""
    output, status = io.StringIO(), 0
    try:
        call_command(name, *arguments, stdout=output, **options)
    except SystemExit as error:
        status = int(str(error.code))
    return Ran(output.getvalue().splitlines(), status)


class File:
    """A file of lines, to be imported."""

    def __init__(self, path: Any) -> None:
        self.path = path

    def take(self, *lines: dict[str, Any] | bytes, arguments: tuple[str, ...] = ()) -> Ran:
        """Import lines."""
        texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
        self.path.write_bytes(b"\n".join([*texts, b""]))
        return run("import_passkeys", "json", f"--file={self.path}", *arguments)


def stored() -> str:
    """Return all that an import may write, as text."""
    return "".join(serialize("json", model._base_manager.order_by("pk")) for model in TABLES)


def password_session(user: User, password: str) -> Client:
    """Sign in with the password."""
    client = Client()
    form = {"username": user.get_username(), "password": password}
    assert client.post("/passkeys/sign-in/", form, secure=True).status_code == 302
    return client


class Shelf(TableSource):
    """A package of the tests' own: its table is django-otp's static devices, with the credential ID as the name."""

    name = "shelf"
    app = "django_otp.plugins.otp_static"

    def own_rp_id(self) -> str | None:
        return "testserver"

    def model(self) -> Any:
        return StaticDevice

    def credential_id(self, row: Any) -> bytes:
        return decoded(row.name)

    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        if row.name == "no handle":
            raise Unreadable("the user handle is not known")
        return (HANDLE + str(user.pk).encode(),)

    def read(self, row: Any, common: dict[str, Any]) -> Record:
        if row.name == "foreign":
            raise KeyError(row.name)
        return Record(
            **common,
            credential_id=self.credential_id(row),
            public_key=bytes.fromhex(PUBLIC_KEY),
            second_step_only=False,
            rp_ids=(self.rp_id,) if self.rp_id else (),
        )


# Of an authenticator that nobody has any more: whoever reads it can sign nothing.
PUBLIC_KEY = (
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
