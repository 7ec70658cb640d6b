"""django-mfa: its adapter, which its page calls."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from django_mfa.adapters.webauthn import WebAuthnAdapter
from django_mfa.models import Authenticator as Row

from . import Authenticator, Package, a_request


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    request, adapter = a_request(user), WebAuthnAdapter()
    options = json.loads(adapter.begin_enroll(request)["options"])["publicKey"]
    made = authenticator.create(options, **{"discoverable": True, **behaviour})
    adapter.complete_enroll(request, {"credential": json.dumps(made), "name": "Work"})


def rows() -> list[Any]:
    return list(Row.objects.filter(type="webauthn").order_by("pk"))


def _change(**members: Any) -> Any:
    def spoil(row: Any) -> None:
        row.data.update(members)
        row.save()

    return spoil


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset({"sign_count", "aaguid", "transports", "discoverable"}),
    is_random=True,
    spoilt={
        "no hexadecimal": (
            _change(credential_data="%"),
            "the row has a foreign shape (ValueError)",
        ),
        "cut": (_change(credential_data=bytes(20).hex()), "no public key can be read from it"),
        "a count that is none": (
            _change(sign_count="7"),
            "the sign count is not a number of 32 bits",
        ),
    },
)
