"""What an honest authenticator made, in parts that can be changed and signed anew.

Signatures are deterministic: equal cases are equal bytes, so that they can be counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from otp_passkeys.testing import Credential, from_base64url, to_base64url
from otp_passkeys.testing.keys import PrivateKey

AT, ED = 0x40, 0x80
SHA256: hashes.HashAlgorithm = hashes.SHA256()
OMIT = ...


@dataclass(frozen=True)
class Data:
    """Authenticator data in its fields (WebAuthn L3 §6.1), each as it lies in the bytes."""

    rp_id_hash: bytes
    flags: int
    sign_count: bytes
    aaguid: bytes = b""
    id_length: bytes = b""
    credential_id: bytes = b""
    key: bytes = b""
    extensions: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> Data:
        """Read what the software authenticator wrote without extensions."""
        fixed = cls(data[:32], data[32], data[33:37])
        if not fixed.flags & AT:
            return fixed
        ends = 55 + int.from_bytes(data[53:55], "big")
        return replace(
            fixed,
            aaguid=data[37:53],
            id_length=data[53:55],
            credential_id=data[55:ends],
            key=data[ends:],
        )

    def __bytes__(self) -> bytes:
        return b"".join(
            [
                self.rp_id_hash, bytes([self.flags]), self.sign_count, self.aaguid, self.id_length,
                self.credential_id, self.key, self.extensions,
            ]
        )  # fmt: skip

    def but(self, **changes: Any) -> Data:
        """Return the same with other fields."""
        return replace(self, **changes)


def sign(key: PrivateKey, message: bytes, digest: hashes.HashAlgorithm = SHA256) -> bytes:
    """Sign as an authenticator does, the same bytes each time."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(digest, deterministic_signing=True))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), digest)
    return key.sign(message)


def changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Replace members, and leave out those that are to be omitted."""
    return {name: value for name, value in {**members, **changes}.items() if value is not OMIT}


@dataclass(frozen=True)
class Parts:
    """An honest answer, and the key that it was made with.

    :param answer: what `toJSON()` gave.
    :param credential: the passkey.
    :param stranger: the passkey of another user.
    """

    answer: Mapping[str, Any]
    credential: Credential
    stranger: Credential

    @property
    def registers(self) -> bool:
        """Whether it is a registration."""
        return "attestationObject" in self.answer["response"]

    @cached_property
    def client_data_json(self) -> bytes:
        """The client data as it was signed."""
        return from_base64url(self.answer["response"]["clientDataJSON"])

    @cached_property
    def client_data(self) -> dict[str, Any]:
        """The members of the client data."""
        members: dict[str, Any] = json.loads(self.client_data_json)
        return members

    @cached_property
    def data(self) -> Data:
        """The authenticator data."""
        return Data.read(from_base64url(self.answer["response"]["authenticatorData"]))

    @property
    def text(self) -> bytes:
        """The honest credential as JSON."""
        return json.dumps(self.answer).encode()

    def message(self, data: bytes | None = None, client_data: bytes | None = None) -> bytes:
        """Return what is signed."""
        client_data = self.client_data_json if client_data is None else client_data
        return (bytes(self.data) if data is None else data) + hashlib.sha256(client_data).digest()

    def make(
        self,
        *,
        client_data: bytes | Mapping[str, Any] | None = None,
        data: bytes | Data | None = None,
        response: Mapping[str, Any] | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        """Return the credential with other parts, signed properly."""
        if client_data is None:
            client_data = self.client_data_json
        elif not isinstance(client_data, bytes):
            client_data = json.dumps(client_data, ensure_ascii=False).encode(
                "utf-8", "surrogatepass"
            )
        raw = bytes(self.data if data is None else data)
        made = {**self.answer["response"], "clientDataJSON": to_base64url(client_data)}
        if self.registers:
            made["attestationObject"] = to_base64url(attestation_object(raw))
        else:
            made["authenticatorData"] = to_base64url(raw)
            signature = sign(self.credential.private_key, self.message(raw, client_data))
            made["signature"] = to_base64url(signature)
        answer = {**self.answer, "response": changed(made, response or {})}
        return changed(answer, members)

    def attested(self, attestation: bytes) -> dict[str, Any]:
        """Return the registration with another attestation object."""
        return self.make(response={"attestationObject": to_base64url(attestation)})

    def packed(self, data: bytes | Data | None = None, **statement: Any) -> dict[str, Any]:
        """Return the registration with a self attestation, properly signed unless told otherwise."""
        raw = bytes(self.data if data is None else data)
        honest = {"alg": -7, "sig": sign(self.credential.private_key, self.message(raw))}
        return self.attested(attestation_object(raw, "packed", changed(honest, statement)))


def made(**arguments: Any) -> Callable[[Parts], object]:
    """Return what makes an answer with these parts."""
    return lambda parts: parts.make(**arguments)


def attestation_object(
    data: bytes, fmt: object = "none", statement: object | None = None, **more: Any
) -> bytes:
    """Write an attestation object, whatever its members are."""
    return cbor2.dumps(
        changed(
            {"fmt": fmt, "attStmt": {} if statement is None else statement, "authData": data}, more
        )
    )
