"""django-allauth: its page that adds a security key."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from allauth.mfa.models import Authenticator as Row
from django.contrib.auth.models import User

from otp_passkeys.testing import from_base64url, to_base64url

from . import Authenticator, Package, signed_in

ADD = "/old/2fa/webauthn/add/"


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    client = signed_in(user)
    options = client.get(ADD, secure=True).context["js_data"]["creation_options"]["publicKey"]
    made = authenticator.create(options, **{"discoverable": True, **behaviour})
    form = {"name": "Work", "credential": json.dumps(made)}
    if behaviour.get("user_verified", True):
        form["passwordless"] = "on"
    response = client.post(ADD, form, secure=True)
    assert response.status_code == 302, response.context["form"].errors


def rows() -> list[Any]:
    return list(Row.objects.filter(type="webauthn").order_by("pk"))


def _change(**members: Any) -> Any:
    def spoil(row: Any) -> None:
        row.data["credential"]["response"].update(members)
        row.save()

    return spoil


def _drop(row: Any) -> None:
    row.data = {"name": "Work"}
    row.save()


def _of_another_domain(row: Any) -> None:
    response = row.data["credential"]["response"]
    client_data = json.loads(from_base64url(response["clientDataJSON"]))
    client_data["origin"] = "https://old.example"
    response["clientDataJSON"] = to_base64url(json.dumps(client_data).encode())
    data = from_base64url(response["attestationObject"])
    ours, theirs = (hashlib.sha256(one).digest() for one in (b"testserver", b"old.example"))
    response["attestationObject"] = to_base64url(data.replace(ours, theirs))
    row.save()


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset(
        {"sign_count", "aaguid", "transports", "backup_eligible", "backup_state", "discoverable"}
    ),
    spoilt={
        "no credential": (_drop, "the row has a foreign shape (KeyError)"),
        "no attestation": (_change(attestationObject=None), "what should be base64url is missing"),
        "no base64url": (
            _change(attestationObject="%"),
            "what should be base64url is something else",
        ),
        "no CBOR": (_change(attestationObject="AAAA"), "attestation object is not CBOR"),
        "another domain": (_of_another_domain, "the RP ID is of another domain: old.example"),
    },
)
