"""The floor."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from benchmarks.floor.models import FloorPasskey

from . import Site, post


class _Floor(Site):
    list_page = "/passkeys/"
    json_list = {"path": "/passkeys/?format=json"}

    def ask_to_register(self, client: Client) -> Any:
        return post(client, "/passkeys/register/options/", {})

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        return post(client, "/passkeys/register/", made)

    def ask_to_sign_in(self, client: Client) -> Any:
        return post(client, "/passkeys/sign-in/options/", {})

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        return post(client, "/passkeys/sign-in/", assertion)

    def copy(self, owners: Sequence[User]) -> None:
        model, rows = FloorPasskey.objects.latest("pk"), []
        for number, owner in enumerate(owners):
            row = copy(model)
            row.pk, row.user_id, row.name = None, owner.pk, f"Key {number}"
            row.credential_id = os.urandom(len(bytes(row.credential_id)))
            rows.append(row)
        FloorPasskey.objects.bulk_create(rows)

    def models(self) -> list[type[Any]]:
        return [FloorPasskey]


SITE = _Floor()
