"""Which check an answer failed, for the log.

py_webauthn may change the wording of its errors at any time. So after it has refused, its checks are made once more, in
its order, on the same bytes, and the first that fails is named. Nothing is decided here: the answer is refused already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..conf import conf
from ..credentials import Flag
from ..encoding import shown
from ..origins import domains_of
from .keys import algorithms

if TYPE_CHECKING:
    from ..credentials import Attestation, ReceivedCredential
    from ..relying_party import RelyingParty

_TOKEN_BINDINGS = ("supported", "present")
Check = tuple[bool, str]  # whether it passes, and what to say if it does not


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an answer had to hold.

    :param type: of the client data: ``"webauthn.create"`` or ``"webauthn.get"``.
    :param challenge: the challenge that was issued.
    :param relying_party: for whom it had to be made.
    :param user_presence: whether the flag UP was demanded.
    :param user_verification: whether the flag UV was demanded.
    """

    type: str
    challenge: bytes
    relying_party: RelyingParty
    user_presence: bool = True
    user_verification: bool


def registration(
    received: ReceivedCredential, attestation: Attestation, expected: Expected, error: Exception
) -> str:
    """Say which check a registration failed (L3 §7.1).

    :param received: what the browser sent.
    :param attestation: what its attestation object holds.
    :param expected: what it had to hold.
    :param error: what py_webauthn raised.
    """
    return (
        _first_failed(_common(received, attestation.authenticator_data, expected))
        or _attested(attestation)
        or _backup_flags(error)
        or f"attestation statement of the format {shown(attestation.format)} cannot be verified"
    )


def assertion(
    received: ReceivedCredential, data: bytes, expected: Expected, error: Exception
) -> str:
    """Say which check an assertion failed (L3 §7.2).

    :param received: what the browser sent.
    :param data: its authenticator data.
    :param expected: what it had to hold.
    :param error: what py_webauthn raised.
    """
    from cryptography.exceptions import InvalidSignature
    from webauthn.helpers.exceptions import InvalidAuthenticationResponse

    failed = _first_failed(_common(received, data, expected)) or _backup_flags(error)
    if failed:
        return failed
    if isinstance(error.__context__, InvalidSignature):
        return "the signature does not fit the stored public key"
    if isinstance(error, InvalidAuthenticationResponse):
        return "the authenticator data cannot be decoded"
    return f"the stored public key cannot be used ({type(error).__name__})"


def frame(received: ReceivedCredential, relying_party: RelyingParty) -> str:
    """Say in which frame an answer was made that may not be made there.

    :param received: what the browser sent.
    :param relying_party: who names the pages that may embed the site.
    """
    told = "answer comes from a frame in a foreign page"
    if received.client_data.get("crossOrigin") is not True:
        return f"{told}: crossOrigin and topOrigin do not fit each other"
    top = shown(received.client_data.get("topOrigin"))
    allowed = list(relying_party.top_origins)
    return f"{told}: topOrigin {top} is not among {allowed}, the top_origins of the RelyingParty"


def _first_failed(checks: Iterator[Check]) -> str:
    return next((failure for passes, failure in checks if not passes), "")


def _common(received: ReceivedCredential, data: bytes, expected: Expected) -> Iterator[Check]:
    """Yield the checks of both ceremonies, in the order in which py_webauthn makes them."""
    party, client_data = expected.relying_party, received.client_data
    yield (
        received.credential.get("type") == "public-key",
        "type of the credential is not public-key",
    )
    yield (
        client_data.get("type") == expected.type,
        f"type of the client data is not {expected.type}",
    )
    yield received.challenge == expected.challenge, "challenge is not the one that was issued"
    origin = client_data.get("origin")
    by_callable = conf.OTP_PASSKEYS_RELYING_PARTY is not None
    setting = "OTP_PASSKEYS_RELYING_PARTY" if by_callable else "OTP_PASSKEYS_ALLOWED_ORIGINS"
    yield (
        origin in party.origins,
        f"origin {shown(origin)} is not among {list(party.origins)}: {setting}",
    )
    binding = client_data.get("tokenBinding")
    yield (
        not isinstance(binding, dict) or binding.get("status") in _TOKEN_BINDINGS,
        "token binding has an unknown status",
    )
    setting = "OTP_PASSKEYS_RELYING_PARTY" if by_callable else "OTP_PASSKEYS_RP_ID"
    yield (
        data[:32] == _hash(party.id),
        f"RP ID {_rp_id(data[:32], origin)} is not {party.id!r}: {setting}",
    )
    flags = data[32]
    yield (
        bool(flags & Flag.UP) or not expected.user_presence,
        "user was not present (flag UP), which was required",
    )
    yield (
        bool(flags & Flag.UV) or not expected.user_verification,
        "user was not verified (flag UV), which was required: OTP_PASSKEYS_USER_VERIFICATION",
    )


def _attested(attestation: Attestation) -> str:
    """Say what is wrong with the new credential, before the attestation statement is looked at."""
    from webauthn.helpers import decode_credential_public_key, parse_authenticator_data

    data = attestation.authenticator_data
    if not data[32] & Flag.AT:
        return "no new credential is in the authenticator data (flag AT)"
    try:
        credential = parse_authenticator_data(data).attested_credential_data
    except Exception:
        return "the authenticator data cannot be decoded"
    if not credential or not credential.credential_id:
        return "the credential ID in the authenticator data is empty"
    try:
        algorithm = decode_credential_public_key(credential.credential_public_key).alg
    except Exception as error:
        return f"the public key cannot be decoded ({type(error).__name__})"
    if algorithm in algorithms():
        return ""
    named = algorithm if type(algorithm) is int else "no integer"
    return f"algorithm of the public key ({named}) is not among {list(algorithms())}"


def _backup_flags(error: Exception) -> str:
    from webauthn.helpers.exceptions import InvalidBackupFlags

    if isinstance(error, InvalidBackupFlags):
        return "flag BS is set without the flag BE"
    return ""


def _rp_id(digest: bytes, origin: object) -> str:
    """Return what a hash is of, if it is a domain of the page, and the hash itself otherwise."""
    return next(
        (shown(domain) for domain in domains_of(origin) if _hash(domain) == digest),
        f"with the hash {digest.hex()}",
    )


def _hash(rp_id: str) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest()
