"""A small site in which every answer of the OpenAPI description can be brought about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

from otp_passkeys import providers
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.registries import ONE_PASSWORD
from ..helpers.steps import ORIGIN, csrf_secret
from .description import ADDRESS, JSON

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


@dataclass(kw_only=True)
class World:
    """Alice is signed in with the passkey that she has; a visitor's browser stands beside hers."""

    alice: User
    eve: User
    client: Client
    passkey: Passkey
    authenticator: Authenticator
    settings: Any
    visitor: Client = field(default_factory=Client)
    aaguid: str = ONE_PASSWORD

    def path(self, operation: str, pk: int | None = None) -> str:
        """Return where an operation is; on alice's passkey, unless another is named."""
        name, _ = ADDRESS[operation]
        takes: dict[str, list[Any]] = {
            "rename": [pk or self.passkey.pk],
            "delete": [pk or self.passkey.pk],
            "icon": [providers.icon_version(), self.aaguid, "light"],
        }
        return reverse(f"otp_passkeys:{name}", args=takes.get(name, []))

    def send(
        self,
        operation: str,
        body: object = None,
        *,
        client: Client | None = None,
        pk: int | None = None,
        **options: Any,
    ) -> Response:
        """Send what a script of the site does; `body` is JSON, unless it is bytes."""
        client = client or self.client
        headers = {"Accept": JSON, "Origin": ORIGIN}
        if token := csrf_secret(client):
            headers["X-CSRFToken"] = token
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body)
        _, method = ADDRESS[operation]
        return client.generic(
            options.pop("method", method.upper()),
            self.path(operation, pk),
            data,
            content_type=options.pop("content_type", JSON),
            secure=True,
            headers=headers | options.pop("headers", {}),
        )

    def options(self, operation: str, client: Client | None = None, **body: Any) -> dict[str, Any]:
        """Return the options of a ceremony."""
        response = self.send(operation, body, client=client)
        assert response.status_code == 200, response.content
        options: dict[str, Any] = response.json()
        return options

    def register(self, **behaviour: Any) -> Response:
        """Add another passkey to alice's account."""
        return self.send("register", self.registration(**behaviour))

    def registration(self, **behaviour: Any) -> dict[str, Any]:
        """Return the body that adds another passkey."""
        options = self.options("registerOptions")
        return {"credential": Authenticator().create(options, **behaviour)}

    def sign_in(self, **behaviour: Any) -> Response:
        """Sign in with alice's passkey, in the visitor's browser."""
        return self.send("authenticate", self.assertion(**behaviour), client=self.visitor)

    def assertion(self, **behaviour: Any) -> dict[str, Any]:
        """Return the body that signs in."""
        options = self.options("authenticateOptions", self.visitor)
        return {"credential": self.authenticator.get(options, **behaviour)}

    def ceremony(self, operation: str, **behaviour: Any) -> dict[str, Any]:
        """Return what a browser sends to finish a ceremony, and what other operations take."""
        if operation == "register":
            return self.registration(**behaviour)
        return self.assertion(**behaviour) if operation == "authenticate" else {"nickname": "Desk"}

    def finish(self, operation: str, body: dict[str, Any]) -> Response:
        """Send it, from the browser that began."""
        client = self.visitor if operation == "authenticate" else self.client
        return self.send(operation, body, client=client)
