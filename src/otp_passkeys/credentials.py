"""What a browser sent back, read but not verified.

The shapes are checked here, before py_webauthn sees them: its own parsers take more than the specification allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any

import cbor2

from .cbor import end_of_map
from .encoding import from_base64url, from_json, to_base64url
from .exceptions import MalformedRequest, VerificationFailed

CREDENTIAL_ID_MAX_LENGTH = 1023  # bytes; WebAuthn L3 §7.1 step 25
FIXED_LENGTH = 37  # bytes of authenticator data: hash of the RP ID, flags, sign count
_MAX_TRANSPORTS = 8
_TRANSPORT = re.compile(r"[a-z0-9-]{1,32}")


class Flag(IntFlag):
    """Flags in authenticator data (L3 §6.1)."""

    UP = 0x01
    UV = 0x04
    BE = 0x08
    BS = 0x10
    AT = 0x40
    ED = 0x80


@dataclass(frozen=True)
class ReceivedCredential:
    """What a browser sent back: read, not verified.

    :param credential: ``PublicKeyCredential.toJSON()``.
    :param client_data: the parsed client data (L3 §5.8.1).
    :param challenge: the challenge that it names, decoded.
    """

    credential: Mapping[str, Any] = field(repr=False)
    client_data: Mapping[str, Any] = field(repr=False)
    challenge: bytes = field(repr=False)


def read_credential(credential: object) -> ReceivedCredential:
    """Read as much of a credential as tells which challenge it names.

    :param credential: what ``toJSON()`` gave, parsed.
    :raises MalformedRequest: if no challenge can be read from it (L3 §7.1 steps 5 and 6).
    """
    try:
        if not isinstance(credential, dict) or not isinstance(credential["response"], dict):
            raise ValueError("not a credential")
        # utf-8-sig: the specification's "UTF-8 decode" strips a byte order mark.
        text = from_base64url(credential["response"]["clientDataJSON"]).decode("utf-8-sig")
        client_data = from_json(text)
        if not isinstance(client_data, dict):
            raise ValueError("client data is not an object")
        challenge = from_base64url(client_data["challenge"])
    except (KeyError, ValueError, RecursionError) as error:
        raise MalformedRequest("no challenge can be read from the answer") from error
    return ReceivedCredential(credential, client_data, challenge)


def credential_id(received: ReceivedCredential) -> bytes:
    """Return the credential ID that a credential names.

    :param received: from :func:`read_credential`.
    :raises VerificationFailed: if ``id`` and ``rawId`` differ, or it is not 1 to 1023 bytes long (L3 §7.1 step 25).
    """
    try:
        decoded = from_base64url(received.credential.get("id"))
    except ValueError as error:
        raise VerificationFailed("id is not base64url") from error
    if received.credential.get("rawId") != received.credential["id"]:
        raise VerificationFailed("id and rawId differ")
    if not 0 < len(decoded) <= CREDENTIAL_ID_MAX_LENGTH:
        raise VerificationFailed("credential ID is empty or too long")
    return decoded


def member(received: ReceivedCredential, name: str) -> str:
    """Return a base64url member of the response.

    :param received: from :func:`read_credential`.
    :param name: e.g. ``"signature"``.
    :raises VerificationFailed: if it is missing or not canonical base64url.
    """
    value = received.credential["response"].get(name)
    try:
        from_base64url(value)
    except ValueError as error:
        raise VerificationFailed(f"{name} is not base64url") from error
    return str(value)


def user_handle(received: ReceivedCredential) -> bytes | None:
    """Return the user handle that an assertion names, or None (L3 §7.2 step 6).

    :param received: from :func:`read_credential`.
    :raises VerificationFailed: if it is there and not base64url.
    """
    # Authenticators that know no handle are reported with null by some browsers, with "" by others.
    value = received.credential["response"].get("userHandle")
    if value is None or value == "":
        return None
    return from_base64url(member(received, "userHandle"))


@dataclass(frozen=True)
class Attestation:
    """What an attestation object holds (L3 §6.5.4).

    :param text: all of it, base64url.
    :param format: of the attestation statement.
    :param authenticator_data: what the authenticator says of itself and the new credential (L3 §6.1).
    """

    text: str = field(repr=False)
    format: str
    authenticator_data: bytes = field(repr=False)


def attestation(received: ReceivedCredential) -> Attestation:
    """Return the attestation object, if it has the one shape of L3 §6.5.4.

    :param received: from :func:`read_credential`.
    :raises VerificationFailed: if it is not one CBOR map of ``fmt``, ``attStmt`` and ``authData``, or bytes follow, or
        the authenticator data in it has another shape than it must.
    """
    return attestation_object(from_base64url(member(received, "attestationObject")))


def attestation_object(data: bytes) -> Attestation:
    """Return what an attestation object holds, if it has the one shape of L3 §6.5.4.

    :param data: all of it.
    :raises VerificationFailed: as :func:`attestation` does.
    """
    try:
        end = end_of_map(data)
        decoded = cbor2.loads(data[:end], allow_duplicate_keys=False)
    except Exception as error:  # cbor2 raises more than its own errors
        raise VerificationFailed("attestation object is not CBOR") from error
    if end != len(data):
        raise VerificationFailed("bytes follow the attestation object")
    shape = {"fmt": str, "attStmt": dict, "authData": bytes}
    if any(type(decoded.get(name)) is not kind for name, kind in shape.items()):
        raise VerificationFailed("attestation object has a foreign shape")
    if decoded["fmt"] == "none" and decoded["attStmt"]:  # L3 §8.7
        raise VerificationFailed("attestation none has a statement")
    if not _is_statement(decoded["attStmt"]):
        raise VerificationFailed("attestation statement has a foreign shape")
    _check_authenticator_data(decoded["authData"])
    return Attestation(to_base64url(data), decoded["fmt"], decoded["authData"])


def authenticator_data(received: ReceivedCredential) -> str:
    """Return the authenticator data of an assertion, base64url, if it has the one shape of L3 §6.1.

    :param received: from :func:`read_credential`.
    :raises VerificationFailed: if it has another.
    """
    text = member(received, "authenticatorData")
    _check_authenticator_data(from_base64url(text))
    return text


def transports(received: ReceivedCredential) -> list[str]:
    """Return the transports that a registration names, unknown ones included, as many as are sane.

    :param received: from :func:`read_credential`.
    """
    return sane_transports(received.credential["response"].get("transports"))


def sane_transports(value: object) -> list[str]:
    """Return the transports of a list that could be some, whatever else is in it.

    :param value: what stands where the list should be.
    """
    if not isinstance(value, list):
        return []
    known = [item for item in value if isinstance(item, str) and _TRANSPORT.fullmatch(item)]
    return sorted(set(known))[:_MAX_TRANSPORTS]


def discoverable(received: ReceivedCredential) -> bool | None:
    """Return what the client says of ``credProps.rk``, or None where it does not say (L3 §10.1.3).

    :param received: from :func:`read_credential`.
    """
    results = received.credential.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    value = properties.get("rk") if isinstance(properties, dict) else None
    return value if isinstance(value, bool) else None


def _is_statement(statement: dict[str, Any]) -> bool:
    """Say whether the members that statements share have their types (L3 §8.2): the library takes -7.0 for -7."""
    kinds = {"alg": int, "sig": bytes, "x5c": list}
    return statement.get("x5c") != [] and all(
        type(statement[name]) is kind for name, kind in kinds.items() if name in statement
    )


def _check_authenticator_data(data: bytes) -> None:
    """Refuse what is not laid out as L3 §6.1 has it; the library writes CBOR anew and measures that."""
    try:
        if len(data) < FIXED_LENGTH:
            raise ValueError("cut")
        flags, end = data[32], FIXED_LENGTH
        if flags & Flag.AT:
            length_ends = end + 18  # after the AAGUID, and two bytes
            end = length_ends + int.from_bytes(data[length_ends - 2 : length_ends], "big")
            end = end_of_map(data, end)
        if flags & Flag.ED:
            end = end_of_map(data, end)
        if end != len(data):
            raise ValueError("bytes follow")
    except ValueError as error:
        raise VerificationFailed("authenticator data has a foreign shape") from error
