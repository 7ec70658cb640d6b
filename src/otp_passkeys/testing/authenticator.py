"""Be an authenticator, and the browser in front of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from . import wire
from .behaviour import Behaviour
from .errors import InvalidStateError, NotAllowedError
from .keys import cose_public_key, generate_key, sign, spki_public_key
from .options import credential_ids, first_algorithm, text, user_handle, wants_discoverable
from .store import Credential, CredentialStore
from .wire import from_base64url, to_base64url

if TYPE_CHECKING:
    from typing_extensions import Unpack  # no dependency: type checkers know it without

    from .overrides import Overrides


@dataclass(kw_only=True)
class Authenticator(Behaviour, CredentialStore):
    """Make real registrations and assertions, in the form that `toJSON()` gives in a browser.

    Takes the fields of `Behaviour` by keyword; `create()` and `get()` take the same ones for one
    call only, and raise `TypeError` for others. Does not compare the RP ID with the origin. To
    sign anything that no field allows for, override `client_data_json()`.
    """

    def create(self, options: Mapping[str, Any], **overrides: Unpack[Overrides]) -> dict[str, Any]:
        """Make a passkey and return the registration (WebAuthn L3 §5.1.3 and §6.3.2).

        A discoverable passkey replaces the one of the same RP ID and user handle.

        :param options: a PublicKeyCredentialCreationOptionsJSON.
        :param overrides: fields of `Behaviour`, for this call only.
        :raises InvalidStateError: if an excluded credential is here.
        :raises NotAllowedError: if the verification or attachment asked for is not to be had.
        :raises NotSupportedError: if none of the algorithms offered is supported.
        :raises TypeError: if the options are malformed, or an override is unknown.
        """
        return replace(self, **overrides)._create(options)

    def get(
        self,
        options: Mapping[str, Any],
        *,
        credential: Credential | None = None,
        **overrides: Unpack[Overrides],
    ) -> dict[str, Any]:
        """Sign with a passkey and return the assertion (WebAuthn L3 §5.1.4 and §6.3.3).

        :param options: a PublicKeyCredentialRequestOptionsJSON.
        :param credential: the passkey that the user picks; None is the newest that fits.
        :param overrides: fields of `Behaviour`, for this call only.
        :raises NotAllowedError: if none fits, or the verification asked for is not to be had.
        :raises TypeError: if the options are malformed, or an override is unknown.
        """
        return replace(self, **overrides)._get(options, credential)

    def client_data_json(self, kind: str, options: Mapping[str, Any]) -> bytes:
        """Return the client data to sign (WebAuthn L3 §5.8.1).

        :param kind: `webauthn.create` or `webauthn.get`.
        :param options: the options of the ceremony.
        :raises TypeError: if the challenge in them is not unpadded base64url.
        """
        challenge = to_base64url(from_base64url(options["challenge"]))
        members: dict[str, Any] = {
            "type": kind,
            "challenge": challenge if self.challenge is None else self.challenge,
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        if self.top_origin is not None:
            members["topOrigin"] = self.top_origin
        return wire.client_data_json({**members, **self.client_data})

    def _create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        selection = options.get("authenticatorSelection") or {}
        rp_id = self.effective_rp_id(options["rp"].get("id"))
        self._refuse_to_create(options, selection, rp_id)
        credential = self._new_credential(options, selection, rp_id)
        client_data = self.client_data_json("webauthn.create", options)
        public_key = self.public_key
        if public_key is None:
            public_key = cose_public_key(credential.private_key)
        authenticator_data = self._authenticator_data(
            credential,
            wire.attested_credential_data(
                aaguid=credential.aaguid.bytes, credential_id=credential.id, public_key=public_key
            ),
        )
        attestation_object = self._attestation_object(credential, authenticator_data, client_data)
        self._store(credential)
        return self._answer(
            credential,
            options,
            {
                "clientDataJSON": to_base64url(client_data),
                "attestationObject": to_base64url(attestation_object),
                "authenticatorData": to_base64url(authenticator_data),
                "publicKey": to_base64url(spki_public_key(credential.private_key)),
                "publicKeyAlgorithm": credential.algorithm,
                "transports": list(credential.transports),
            },
        )

    def _get(self, options: Mapping[str, Any], picked: Credential | None) -> dict[str, Any]:
        self._require_verification(options.get("userVerification"))
        credential = self._pick(options, picked)
        client_data = self.client_data_json("webauthn.get", options)
        credential.sign_count += self.counter_step
        authenticator_data = self._authenticator_data(credential)
        response = {
            "clientDataJSON": to_base64url(client_data),
            "authenticatorData": to_base64url(authenticator_data),
            "signature": to_base64url(_sign(credential, authenticator_data, client_data)),
        }
        handle = self.user_handle
        if handle is None and credential.discoverable and not self.omit_user_handle:
            handle = credential.user_handle
        if handle is not None:
            response["userHandle"] = to_base64url(handle)
        return self._answer(credential, options, response)

    def _refuse_to_create(
        self, options: Mapping[str, Any], selection: Mapping[str, Any], rp_id: str
    ) -> None:
        attachment = selection.get("authenticatorAttachment")
        excluded = credential_ids(options.get("excludeCredentials"))
        if self.force:
            return
        if attachment not in (None, self.authenticator_attachment):
            raise NotAllowedError(f"This is no {attachment} authenticator.")
        if any(credential.id in excluded for credential in self._of_rp(rp_id)):
            raise InvalidStateError("An excluded credential is on this authenticator.")
        self._require_verification(selection.get("userVerification"))

    def _require_verification(self, asked: object) -> None:
        if asked == "required" and not self.user_verified and not self.force:
            raise NotAllowedError("User verification is required.")

    def _new_credential(
        self, options: Mapping[str, Any], selection: Mapping[str, Any], rp_id: str
    ) -> Credential:
        user = options["user"]
        algorithm = self.algorithm
        if algorithm is None:
            algorithm = first_algorithm(options, self.algorithms)
        backup_eligible = True if self.backup_eligible is None else self.backup_eligible
        backup_state = backup_eligible if self.backup_state is None else self.backup_state
        discoverable = self.discoverable
        if discoverable is None:
            discoverable = wants_discoverable(selection)
        credential_id = self.credential_id
        if credential_id is None:
            credential_id = os.urandom(self.credential_id_length)
        return Credential(
            id=credential_id,
            rp_id=rp_id,
            user_handle=user_handle(user),
            user_name=text(user, "name"),
            user_display_name=text(user, "displayName"),
            algorithm=algorithm,
            private_key=generate_key(algorithm),
            aaguid=UUID(str(self.aaguid)),
            transports=tuple(self.transports),
            discoverable=discoverable,
            sign_count=self.counter or 0,
            backup_eligible=backup_eligible,
            backup_state=backup_state,
        )

    def _pick(self, options: Mapping[str, Any], picked: Credential | None) -> Credential:
        allowed = credential_ids(options.get("allowCredentials"))
        if picked is not None and self.force:
            return picked
        fitting = [
            credential
            for credential in self._of_rp(self.effective_rp_id(options.get("rpId")))
            if (credential.id in allowed if allowed else credential.discoverable)
            and picked in (None, credential)
        ]
        if not fitting:
            raise NotAllowedError("No credential on this authenticator fits.")
        return fitting[-1]

    def _authenticator_data(
        self, credential: Credential, attested_credential_data: bytes = b""
    ) -> bytes:
        return wire.authenticator_data(
            rp_id=credential.rp_id if self.rp_id is None else self.rp_id,
            flags=self.flags(
                backup_eligible=credential.backup_eligible, backup_state=credential.backup_state
            ),
            sign_count=credential.sign_count if self.counter is None else self.counter,
            attested_credential_data=attested_credential_data,
            extensions=self.extensions,
        )

    def _attestation_object(
        self, credential: Credential, authenticator_data: bytes, client_data: bytes
    ) -> bytes:
        statement: dict[str, Any] = {}
        if self.attestation == "packed":
            signature = _sign(credential, authenticator_data, client_data)
            statement = {"alg": credential.algorithm, "sig": signature}
        return wire.attestation_object(
            fmt=self.attestation, statement=statement, authenticator_data=authenticator_data
        )

    def _answer(
        self, credential: Credential, options: Mapping[str, Any], response: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what `toJSON()` gives on a PublicKeyCredential (WebAuthn L3 §5.1)."""
        results = self.client_extension_results
        if results is None:
            asked = (options.get("extensions") or {}).get("credProps")
            results = {"credProps": {"rk": credential.discoverable}} if asked else {}
        answer = {
            "id": credential.id_base64url,
            "rawId": credential.id_base64url,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": dict(results),
        }
        if self.authenticator_attachment is not None:
            answer["authenticatorAttachment"] = self.authenticator_attachment
        return answer


def _sign(credential: Credential, authenticator_data: bytes, client_data: bytes) -> bytes:
    """Sign what both ceremonies sign (WebAuthn L3 §6.3.3, §6.5.4)."""
    return sign(credential.private_key, authenticator_data + hashlib.sha256(client_data).digest())
