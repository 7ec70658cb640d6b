"""django-allauth's mfa."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy, deepcopy
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from . import Site

ADD = "/passkeys/2fa/webauthn/add/"
LOGIN = "/passkeys/2fa/webauthn/login/"


class _Allauth(Site):
    list_page = "/passkeys/2fa/webauthn/"

    def ask_to_register(self, client: Client) -> Any:
        return client.get(ADD, secure=True)

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        form = {"name": "Key", "credential": json.dumps(made), "passwordless": "on"}
        return client.post(ADD, form, secure=True)

    def ask_to_sign_in(self, client: Client) -> Any:
        return client.get(LOGIN, secure=True, headers={"X-Requested-With": "XMLHttpRequest"})

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        return client.post(LOGIN, {"credential": json.dumps(assertion)}, secure=True)

    def options(self, response: Any) -> dict[str, Any]:
        if response["Content-Type"] == "application/json":
            found = response.json()["request_options"]
        else:
            # The page carries them as a JSON script.
            text = response.content.decode().partition('id="js_data"')[2]
            text = text.partition(">")[2].partition("</script>")[0]
            found = json.loads(text)["creation_options"]
        options: dict[str, Any] = found["publicKey"]
        return options

    def copy(self, owners: Sequence[User]) -> None:
        model, rows = Authenticator.objects.latest("pk"), []
        for number, owner in enumerate(owners):
            row = copy(model)
            row.pk, row.user_id, row.data = None, owner.pk, deepcopy(model.data)
            row.data["name"] = f"Key {number}"
            rows.append(row)
        Authenticator.objects.bulk_create(rows)

    def models(self) -> list[type[Any]]:
        return [Authenticator]


SITE = _Allauth()
