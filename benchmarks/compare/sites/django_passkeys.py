"""django-passkeys; it signs in through the site's own login view, so that is Django's."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from copy import copy
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from passkeys.models import UserPasskey

from otp_passkeys.testing import to_base64url

from . import Site, post


class _Passkeys(Site):
    list_page = "/passkeys/"

    def ask_to_register(self, client: Client) -> Any:
        return client.get("/passkeys/reg/begin/", secure=True)

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        return post(client, "/passkeys/reg/complete/", {**made, "key_name": "Key"})

    def ask_to_sign_in(self, client: Client) -> Any:
        return client.get("/passkeys/auth/begin/", secure=True)

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        form = {"username": "", "password": "", "passkeys": json.dumps(assertion)}
        return client.post("/login/", form, secure=True)

    def copy(self, owners: Sequence[User]) -> None:
        model, rows = UserPasskey.objects.latest("pk"), []
        for number, owner in enumerate(owners):
            row = copy(model)
            row.pk, row.user_id, row.name = None, owner.pk, f"Key {number}"
            row.credential_id = to_base64url(os.urandom(32))
            rows.append(row)
        UserPasskey.objects.bulk_create(rows)

    def models(self) -> list[type[Any]]:
        return [UserPasskey]


SITE = _Passkeys()
