"""django-passkeys: its two addresses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from passkeys.models import UserPasskey

from otp_passkeys.testing import to_base64url

from . import Authenticator, Package, answer, signed_in


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    client = signed_in(user)
    options = client.get("/old/reg/begin/", secure=True).json()["publicKey"]
    made = authenticator.create(options, **{"discoverable": True, **behaviour})
    said = answer(client, "/old/reg/complete/", {**made, "key_name": "Work"})
    assert said == {"status": "OK"}, said


def rows() -> list[Any]:
    return list(UserPasskey.objects.order_by("pk"))


def _set(**values: Any) -> Any:
    return lambda row: UserPasskey.objects.filter(pk=row.pk).update(**values)


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset({"aaguid"}),
    is_certain=False,
    has_callable_rp_id=True,
    spoilt={
        "no base64url": (_set(token="%"), "what should be base64url is something else"),
        "cut": (_set(token=to_base64url(bytes(20))), "no public key can be read from it"),
        "empty": (_set(token=""), "no public key can be read from it"),
    },
)
