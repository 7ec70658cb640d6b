"""Answers that fail a check, and what the log has to say of each."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.ceremonies.keys import algorithms

from ..hostile.parts import OMIT, Parts, attestation_object, changed
from ..hostile.site import Site
from .steps import SignedIn

LIBRARY = "refused by py_webauthn: "
UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
Make = Callable[[Parts], object]


def client_data(**members: Any) -> Make:
    """Return what makes an answer with other client data, signed properly."""
    return lambda parts: parts.make(client_data=changed(parts.client_data, members))


def flags(number: int) -> Make:
    """Return what makes an answer with other flags."""
    return lambda parts: parts.make(data=parts.data.but(flags=number | AT * parts.registers))


def rp_id(name: str) -> Make:
    """Return what makes an answer for another RP ID."""
    return lambda parts: parts.make(
        data=parts.data.but(rp_id_hash=hashlib.sha256(name.encode()).digest())
    )


def key(cose: bytes) -> Make:
    """Return what makes a registration with another public key."""
    return lambda parts: parts.make(data=parts.data.but(key=cose))


def nothing_attested(parts: Parts) -> object:
    """Make a registration without a credential."""
    return parts.attested(attestation_object(bytes(parts.data)[:32] + bytes([UP | UV]) + bytes(4)))


def without_an_id(parts: Parts) -> object:
    """Make a registration whose authenticator data name no credential."""
    return parts.make(data=parts.data.but(id_length=bytes(2), credential_id=b""))


def undecodable(parts: Parts) -> object:
    """Make an answer with extensions that have a key twice."""
    twice = bytes.fromhex("a2616101616102")
    return parts.make(data=parts.data.but(flags=parts.data.flags | 128, extensions=twice))


ORIGINS = "['https://testserver']: OTP_PASSKEYS_ALLOWED_ORIGINS"
HASH = hashlib.sha256(b"evil.example").hexdigest()
COMMON: list[tuple[Make, str]] = [
    (lambda parts: parts.make(type="password"), "type of the credential is not public-key"),
    (client_data(type="webauthn.unlock"), "type of the client data is not webauthn.{}"),
    (client_data(type=OMIT), "type of the client data is not webauthn.{}"),
    (
        client_data(origin="http://localhost:8622"),
        f"origin 'http://localhost:8622' is not among {ORIGINS}",
    ),
    (
        client_data(origin="https://testserver:443"),
        f"origin 'https://testserver:443' is not among {ORIGINS}",
    ),
    (client_data(origin=OMIT), f"origin missing is not among {ORIGINS}"),
    (client_data(origin=["x"]), f"origin of the type list is not among {ORIGINS}"),
    (client_data(tokenBinding={"status": "odd"}), "token binding has an unknown status"),
    (client_data(tokenBinding={"status": []}), "token binding has an unknown status"),
    (rp_id("evil.example"), f"RP ID with the hash {HASH} is not 'testserver': OTP_PASSKEYS_RP_ID"),
    (flags(UV | BE | BS), "user was not present (flag UP), which was required"),
    (
        flags(UP | BE | BS),
        "user was not verified (flag UV), which was required: OTP_PASSKEYS_USER_VERIFICATION",
    ),
    (flags(UP | UV | BS), "flag BS is set without the flag BE"),
    (undecodable, "the authenticator data cannot be decoded"),
]
REGISTRATIONS: list[tuple[Make, str]] = [
    (nothing_attested, "no new credential is in the authenticator data (flag AT)"),
    (without_an_id, "the credential ID in the authenticator data is empty"),
    (key(bytes.fromhex("a20102033824")), "the public key cannot be decoded (KeyError)"),
    (
        key(bytes.fromhex("a501020338242001215820" + "01" * 32 + "225820" + "01" * 32)),
        f"algorithm of the public key (-37) is not among {list(algorithms())}",
    ),
    (
        key(bytes.fromhex("a501020361612001214101224101")),
        f"algorithm of the public key (no integer) is not among {list(algorithms())}",
    ),
    (
        key(bytes.fromhex("a5010203262001215820" + "01" * 32 + "225820" + "01" * 32)),
        "the public key is not valid for its algorithm (ValueError)",
    ),
    (
        lambda parts: parts.packed(sig=bytes(64)),
        "attestation statement of the format 'packed' cannot be verified",
    ),
    (
        lambda parts: parts.attested(attestation_object(bytes(parts.data), "odd\n\u202e", {})),
        "attestation statement of the format 'odd\\n\\u202e' cannot be verified",
    ),
]
FRAMES: list[tuple[Make, str]] = [
    (
        client_data(crossOrigin=True, topOrigin="https://evil.example"),
        "topOrigin 'https://evil.example' is not among [], the top_origins of the RelyingParty",
    ),
    (
        client_data(crossOrigin=True),
        "topOrigin missing is not among [], the top_origins of the RelyingParty",
    ),
    (client_data(topOrigin="x"), "crossOrigin and topOrigin do not fit each other"),
]
both = pytest.mark.parametrize("name", ["register", "authenticate"])


@pytest.fixture
def refuse(
    alice: User, bob: User, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> Callable[..., str]:
    """Return a function that sends an answer to an address, and returns the one line in the log."""

    sites: dict[str, Site] = {}

    def send(name: str, make: Make) -> str:
        if name not in sites:
            visitor = name == "authenticate"
            sites[name] = Site(name, alice, bob, signed_in, visitor=visitor)
        site = sites[name]
        caplog.clear()
        response = site.send(make(site.parts()), "json")
        assert response.status_code == 422
        assert response.json() == {  # the user's text says nothing of it
            "code": "verification_failed",
            "detail": "The passkey could not be verified. Try again or choose another way.",
        }
        (line,) = [each.getMessage() for each in caplog.records if each.name == "otp_passkeys"]
        assert line.startswith("Refused an answer: verification_failed (")
        assert line.isascii()
        assert line.isprintable()
        return line.removeprefix("Refused an answer: verification_failed (").removesuffix(")")

    return send
