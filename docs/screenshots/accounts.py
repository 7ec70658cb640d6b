"""The people in the pictures, made through the server with the software authenticator.

A browser's virtual authenticator has an AAGUID of its own, so no provider's name.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

PASSWORD = "a password for the pictures"
SIGN_IN = "/settings/passkeys/sign-in/"
ONE_PASSWORD, YUBIKEY = (
    "bada5566-a7aa-401f-bd96-45619a55120d",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a",
)
APPLE, REVOKED = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "ba86dc56-635f-4141-aef6-00227b1b9af6"


@dataclass(frozen=True)
class Kept:
    """A passkey of somebody.

    :param aaguid: of its provider.
    :param nickname: what its user calls it, may be empty.
    :param synced: whether its provider keeps a copy; else it is on a security key.
    :param added: days since it was added: a picture must not show a day that is yet to come.
    :param unused: days since the last use, fewer than those; None is never.
    :param off: whether an administrator has disabled it.
    """

    aaguid: str
    nickname: str = ""
    synced: bool = True
    added: int = 90
    unused: int | None = None
    off: bool = False

    @property
    def kind(self) -> dict[str, Any]:
        """What its authenticator is like."""
        kind: dict[str, Any] = {"aaguid": self.aaguid}
        kind |= {"backup_eligible": self.synced, "backup_state": self.synced}
        if not self.synced:
            kind |= {"transports": ("usb", "nfc"), "authenticator_attachment": "cross-platform"}
        return kind

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        :raises ValueError: if it was used before it was added.
        """
        if self.unused is not None and self.unused >= self.added:
            raise ValueError(f"used {self.unused} days ago, added {self.added}")


DANA = [
    Kept(ONE_PASSWORD, added=212, unused=12),
    Kept(YUBIKEY, "Spare key in the drawer", synced=False, added=190, unused=133),
    Kept(APPLE, added=41),
]
BO = [Kept(ONE_PASSWORD, "Old laptop", off=True), Kept(APPLE)]
ERIN = [Kept(YUBIKEY, synced=False, unused=1)]
FAY = [
    Kept(APPLE, added=620, unused=500),
    Kept(REVOKED, "Key from the conference", synced=False, added=301),
]
# Who adds the next one in the picture.
JANE = [
    Kept(YUBIKEY, "Spare key in the drawer", synced=False, added=96, unused=8),
    Kept(ONE_PASSWORD, added=97),
]


def new(name: str, *, password: str | None = PASSWORD) -> Any:
    """Return a client that is signed in to a new account.

    :param name: the first name.
    :param password: None makes an account that cannot sign in with one.
    """
    from django.contrib.auth import get_user_model

    address = f"{name}@example.com"
    user = get_user_model().objects.create_user(name, address, password, first_name=name.title())
    client = _visitor()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def with_passkeys(name: str, kept: list[Kept], address: str, **account: Any) -> Any:
    """Return a client that is signed in to a new account, with the last of its passkeys.

    :param address: the address of the site, which is the origin of the ceremonies.
    """
    from otp_passkeys.models import Passkey
    from otp_passkeys.testing import Authenticator, register, sign_in

    client = new(name, **account)
    now = datetime.datetime.now(datetime.timezone.utc)
    for one in kept:
        authenticator = Authenticator(origin=address, **one.kind)
        expect(register(client, authenticator, nickname=one.nickname), 201)
        used = None if one.unused is None else now - datetime.timedelta(days=one.unused, hours=1)
        Passkey.objects.filter(credential_id=authenticator.credentials[-1].id).update(
            created_at=now - datetime.timedelta(days=one.added, hours=2),
            last_used_at=used,
            confirmed=not one.off,
        )
    client.logout()
    expect(sign_in(client, authenticator), 200)
    return client


def staff(name: str) -> Any:
    """Return a client that is signed in to a new account which may do everything in the admin.

    :param name: the first name.
    """
    from django.contrib.auth import get_user_model

    client = new(name)
    get_user_model().objects.filter(username=name).update(is_staff=True, is_superuser=True)
    return client


def returning(address: str, *names: str) -> Any:
    """Return the client of a visitor whose browser remembers accounts, the last of which has a passkey.

    :param address: the address of the site, which is the origin of the ceremonies.
    :param names: of new accounts.
    """
    from otp_passkeys.testing import Authenticator, register

    client = _visitor()
    for name in names:
        client.cookies.pop(
            "sessionid", None
        )  # or bob would be signed in over carol, which is refused
        _sign_in(client, name)
    expect(register(client, Authenticator(origin=address, **Kept(APPLE).kind)), 201)
    client.session.flush()
    del client.cookies["sessionid"]
    return client


def offered() -> Any:
    """Return the client of somebody who has just signed in with a password and has no passkey."""
    client = _visitor()
    _sign_in(client, "gail@example.com")
    return client


def _visitor() -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"})


def _sign_in(client: Any, name: str) -> None:
    """Sign in to a new account with its password."""
    from django.contrib.auth import get_user_model

    get_user_model().objects.create_user(name, name, PASSWORD)
    client.post(SIGN_IN, {"username": name, "password": PASSWORD})


def expect(response: Any, status: int) -> None:
    """Expect an answer.

    :raises SystemExit: if its status is another.
    """
    if response.status_code != status:
        raise SystemExit(f"refused: {response.content!r}")
