"""django-otp-webauthn: its two addresses."""

from __future__ import annotations

import hashlib
from typing import Any

import cbor2
from django.contrib.auth.models import User
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp_webauthn.models import WebAuthnCredential

from . import Authenticator, Package, answer, signed_in


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    client = signed_in(user)
    if device := WebAuthnCredential.objects.filter(user=user).first():
        session = client.session  # it asks that a further one is added in a verified session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    options = answer(client, "/old/registration/begin/", {})
    answer(client, "/old/registration/complete/", authenticator.create(options, **behaviour))
    WebAuthnCredential.objects.filter(pk=rows()[-1].pk).update(name="Work")


def rows() -> list[Any]:
    return list(WebAuthnCredential.objects.order_by("pk"))


def _of_another_domain(row: Any) -> None:
    hash_of_ours = hashlib.sha256(b"testserver").digest()
    row.attestation.data = bytes(row.attestation.data).replace(hash_of_ours, bytes(32))
    row.attestation.save()


def _cut_attestation(row: Any) -> None:
    row.attestation.data = bytes(row.attestation.data)[:-1]
    row.attestation.save()


def _set(**values: Any) -> Any:
    return lambda row: type(row).objects.filter(pk=row.pk).update(**values)


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset(
        {"sign_count", "aaguid", "transports", "backup_eligible", "backup_state", "discoverable"}
    ),
    is_random=True,
    spoilt={
        "a key of an unknown algorithm": (
            _set(public_key=cbor2.dumps({1: 2, 3: -35, -1: 2, -2: bytes(48), -3: bytes(48)})),
            "algorithm of the public key (-35) is not verified here",
        ),
        "no key": (_set(public_key=b""), "no public key can be read from it"),
        "bytes after the key": (
            lambda row: _set(public_key=bytes(row.public_key) + b"\0")(row),
            "bytes follow the public key",
        ),
        "an empty ID": (_set(credential_id=b""), "the credential ID is empty or too long"),
        "a cut attestation": (_cut_attestation, "attestation object is not CBOR"),
        "another domain": (_of_another_domain, "the RP ID is of another domain"),
    },
)
