"""Be a client without cookies, such as a native app, over Django's test client."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .authenticator import Authenticator
from .wire import to_base64url

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


@dataclass(frozen=True)
class Nonce:
    """Hold the secret of one exchange (RFC 7636): the hash begins it, the value finishes it."""

    value: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    """43 characters of base64url; it goes with the answer."""

    @property
    def hash(self) -> str:
        """Return what goes with the request for options."""
        return to_base64url(hashlib.sha256(self.value.encode()).digest())


@dataclass(kw_only=True)
class App:
    """Run whole ceremonies as an app does: without cookies, with a token and a nonce for each.

    The addresses are those of the site's own views, which take and answer JSON as the views of the
    documentation do. What is returned is the last answer, or the first that is a refusal.
    """

    authenticator: Authenticator
    """What holds the passkeys; its `origin` is that of the app, or of a page."""
    authorization: str = ""
    """Header `Authorization` of each request, such as `Token …`; empty sends none."""
    host: str = "testserver"
    """Host that the app asks."""

    def post(self, path: str, body: Mapping[str, Any]) -> Response:
        """Post JSON; cookies of the answer are not kept.

        :param path: an address of the site.
        :param body: what the address takes.
        """
        from django.test import Client

        headers = {"Host": self.host, "Accept": "application/json"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        return Client().post(
            path, dict(body), content_type="application/json", secure=True, headers=headers
        )

    def sign_in(self, begin: str, finish: str, **overrides: Any) -> Response:
        """Sign in with a passkey.

        :param begin: the address of the options.
        :param finish: the address that takes the answer.
        :param overrides: fields of `Behaviour`, for this ceremony only.
        """
        nonce = Nonce()
        options = self.post(begin, {"nonce_hash": nonce.hash})
        if options.status_code != 200:
            return options
        assertion = self.authenticator.get(options.json(), **overrides)
        return self.post(finish, {"credential": assertion, "nonce": nonce.value})

    def register(
        self,
        begin: str,
        finish: str,
        *,
        confirm: str = "",
        prover: Authenticator | None = None,
        proof: Mapping[str, Any] | None = None,
        nickname: str = "",
        **overrides: Any,
    ) -> Response:
        """Add a passkey to the account of the token.

        :param begin: the address of the options, which also takes the proof.
        :param finish: the address that takes the answer.
        :param confirm: the address of the options for confirming with an existing passkey first.
        :param prover: what holds the passkey that confirms; None is the app's own authenticator.
        :param proof: what else proves who the user is, such as `password` and `otp_token`.
        :param nickname: what the user calls the passkey.
        :param overrides: fields of `Behaviour`, for the new passkey only.
        """
        proof = dict(proof or {})
        if confirm:
            nonce = Nonce()
            options = self.post(confirm, {"nonce_hash": nonce.hash})
            if options.status_code != 200:
                return options
            assertion = (prover or self.authenticator).get(options.json())
            proof |= {"credential": assertion, "nonce": nonce.value}
        nonce = Nonce()
        options = self.post(begin, {**proof, "nonce_hash": nonce.hash})
        if options.status_code != 200:
            return options
        registration = self.authenticator.create(options.json(), **overrides)
        return self.post(
            finish, {"credential": registration, "nonce": nonce.value, "nickname": nickname}
        )
