"""django-otp-webauthn: its two addresses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle

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


def _without_attestation(row: Any) -> None:
    row.attestation.delete()


def _of_another_domain(row: Any) -> None:
    data = bytes(row.attestation.data)
    row.attestation.data = data.replace(_hash_in(data), bytes(32))
    row.attestation.save()


def _hash_in(data: bytes) -> bytes:
    start = data.index(b"authData") + len("authData") + 2
    start += 1 if data[start - 2] == 0x59 else 0
    return data[start : start + 32]


def _cut_attestation(row: Any) -> None:
    row.attestation.data = bytes(row.attestation.data)[:-1]
    row.attestation.save()


def _without_handle(row: Any) -> None:
    from otp_passkeys.importing import django_otp_webauthn

    WebAuthnUserHandle.objects.filter(user=row.user).delete()
    assert django_otp_webauthn._LARGEST_KEY < row.user_id


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
            _set(public_key=bytes.fromhex("a3010203382220 02".replace(" ", ""))),
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
