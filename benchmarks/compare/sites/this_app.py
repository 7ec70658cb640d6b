"""This app."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from copy import copy
from itertools import cycle
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.encoding import short_key
from otp_passkeys.models import ImportedHandle, Passkey, UserHandle

from . import AAGUIDS, Site, post


class _App(Site):
    list_page = "/passkeys/"
    json_list = {"path": "/passkeys/", "headers": {"Accept": "application/json"}}
    sends_mails = True
    has_tag = True

    def ask_to_register(self, client: Client) -> Any:
        return post(client, "/passkeys/register/options/", {})

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        return post(client, "/passkeys/register/", {"credential": made})

    def ask_to_sign_in(self, client: Client) -> Any:
        return post(client, "/passkeys/authenticate/options/", {})

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        return post(client, "/passkeys/authenticate/", {"credential": assertion})

    def sync(self, client: Client, send: Callable[[Callable[[], Any]], Any]) -> None:
        fetched = send(lambda: client.get("/passkeys/sync/", secure=True))
        body = {"token": fetched.json()["token"]}
        send(lambda: post(client, "/passkeys/sync/", body))

    def copy(self, owners: Sequence[User]) -> None:
        model, aaguids, rows = Passkey.objects.latest("pk"), cycle(AAGUIDS), []
        for number, owner in enumerate(owners):
            row = copy(model)
            row.pk, row.user_id, row.nickname = None, owner.pk, f"Key {number}"
            row.aaguid = next(aaguids)
            row.credential_id = os.urandom(len(bytes(row.credential_id)))
            row.credential_key = short_key(row.credential_id)
            rows.append(row)
        Passkey.objects.bulk_create(rows)
        UserHandle.objects.bulk_create(
            (UserHandle(user_id=owner.pk, handle=os.urandom(64)) for owner in owners),
            ignore_conflicts=True,
        )

    def models(self) -> list[type[Any]]:
        return [Passkey, UserHandle, ImportedHandle]


SITE = _App()
