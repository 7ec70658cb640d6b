"""django-otp-webauthn, which has no list of passkeys; from 0.11 on it has the tag."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from itertools import cycle
from typing import Any

from django.contrib.auth import user_logged_in
from django.contrib.auth.models import User
from django.test import Client
from django_otp_webauthn import models, utils

from . import AAGUIDS, Site, post


class _WebAuthn(Site):
    has_tag = hasattr(utils, "request_user_details_sync")

    def __init__(self) -> None:
        user_logged_in.connect(self._request_sync)

    def _request_sync(self, request: Any, **_: Any) -> None:
        if self.wants_sync:
            utils.request_user_details_sync(request)

    def ask_to_register(self, client: Client) -> Any:
        return post(client, "/passkeys/registration/begin/", {})

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        return post(client, "/passkeys/registration/complete/", made)

    def ask_to_sign_in(self, client: Client) -> Any:
        return post(client, "/passkeys/authentication/begin/", {})

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        return post(client, "/passkeys/authentication/complete/", assertion)

    def copy(self, owners: Sequence[User]) -> None:
        old, aaguids = models.WebAuthnCredential.objects.latest("pk"), cycle(AAGUIDS)
        rows, attestations, handles = [], [], []
        for number, owner in enumerate(owners):
            row, attestation = copy(old), copy(old.attestation)
            row.pk, row.user_id, row.name, row.aaguid = (
                None,
                owner.pk,
                f"Key {number}",
                next(aaguids),
            )
            row.credential_id = os.urandom(len(bytes(old.credential_id)))
            row.credential_id_sha256 = row.get_credential_id_sha256(row.credential_id)
            rows.append(row)
            attestation.pk = None
            attestations.append(attestation)
            handles.append(
                models.WebAuthnUserHandle(user_id=owner.pk, handle_hex=os.urandom(64).hex())
            )
        models.WebAuthnCredential.objects.bulk_create(rows)
        for row, attestation in zip(rows, attestations, strict=True):
            attestation.credential = row
        models.WebAuthnAttestation.objects.bulk_create(attestations)
        models.WebAuthnUserHandle.objects.bulk_create(handles, ignore_conflicts=True)

    def models(self) -> list[type[Any]]:
        return [models.WebAuthnCredential, models.WebAuthnAttestation, models.WebAuthnUserHandle]


SITE = _WebAuthn()
