"""django-mfa2: its two views."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from mfa.models import User_Keys

from . import Authenticator, Package, answer, signed_in


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    client = signed_in(user)
    options = client.get("/old/begin/", secure=True).json()["publicKey"]
    made = authenticator.create(options, **{"discoverable": True, **behaviour})
    assert answer(client, "/old/complete/", made) == {"status": "OK"}


def rows() -> list[Any]:
    return list(User_Keys.objects.filter(key_type__in=["FIDO2", "U2F"]).order_by("pk"))


def _set(**values: Any) -> Any:
    return lambda row: User_Keys.objects.filter(pk=row.pk).update(**values)


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset({"aaguid"}),
    has_names=False,
    signs_in_alone=False,
    is_certain=False,
    spoilt={
        "U2F": (_set(key_type="U2F"), "a U2F key, which works only with the appid extension"),
        "no properties": (_set(properties=None), "the row has a foreign shape (TypeError)"),
        "no device": (_set(properties={}), "the row has a foreign shape (KeyError)"),
        "no such user": (_set(username="nobody"), "there is no such user"),
    },
)
