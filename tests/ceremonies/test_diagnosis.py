"""The log says which check failed, what was expected and, of origin and RP ID, what came (S6.11)."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest

from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import to_base64url

from ..helpers.refusals import (
    COMMON,
    FRAMES,
    LIBRARY,
    REGISTRATIONS,
    both,
    client_data,
    refuse,
    rp_id,
)
from ..hostile.parts import Parts

__all__ = ["refuse"]  # a fixture


@pytest.mark.each_set
@both
def test_both_ceremonies(refuse: Callable[..., str], name: str) -> None:
    """S6.11: what both ceremonies check is named, with the setting that decides it."""
    kind = {"register": "create", "authenticate": "get"}[name]
    for make, reason in COMMON:
        assert refuse(name, make) == LIBRARY + reason.format(kind)
    for make, reason in FRAMES:
        assert refuse(name, make) == f"answer comes from a frame in a foreign page: {reason}"


def test_registrations(refuse: Callable[..., str]) -> None:
    """S6.11: what is checked of a new credential is named."""
    for make, reason in REGISTRATIONS:
        assert refuse("register", make) == LIBRARY + reason


def test_signature(refuse: Callable[..., str]) -> None:
    """S6.11: a signature that does not fit is told from a stored key that is broken."""

    def forged(parts: Parts) -> object:
        return parts.make(response={"signature": to_base64url(bytes(64))})

    assert refuse("authenticate", forged) == (
        f"{LIBRARY}the signature does not fit the stored public key"
    )

    def with_a_broken_key(parts: Parts) -> object:
        Passkey.objects.update(public_key=b"\xa0")
        return parts.make()

    assert refuse("authenticate", with_a_broken_key) == (
        f"{LIBRARY}the stored public key cannot be used (KeyError)"
    )


@both
def test_rp_id_is_named_where_it_is_a_domain_of_the_page(
    refuse: Callable[..., str], settings: Any, name: str
) -> None:
    """S6.11: a passkey that was made for the host, before a parent domain was set, is recognised by name."""
    settings.ALLOWED_HOSTS = ["testserver", "www.example.com"]
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://testserver", "https://www.example.com"]

    def made(parts: Parts) -> object:
        data = parts.data.but(rp_id_hash=hashlib.sha256(b"www.example.com").digest())
        page = {**parts.client_data, "origin": "https://www.example.com"}
        return parts.make(data=data, client_data=page)

    assert refuse(name, made) == (
        f"{LIBRARY}RP ID 'www.example.com' is not 'testserver': OTP_PASSKEYS_RP_ID"
    )


def by_callable(request: HttpRequest) -> RelyingParty:
    """Return the relying party of a site that makes it itself."""
    return RelyingParty("testserver", "Test", ("https://testserver",), ("https://portal.example",))


@both
def test_callable_is_named(refuse: Callable[..., str], settings: Any, name: str) -> None:
    """S6.11: where a callable of the site decides, the log names it and not settings that nobody reads."""
    settings.OTP_PASSKEYS_RELYING_PARTY = by_callable
    for make in (client_data(origin="https://evil.example"), rp_id("evil.example")):
        assert refuse(name, make).endswith(": OTP_PASSKEYS_RELYING_PARTY")
    framed = client_data(crossOrigin=True, topOrigin="https://evil.example")
    assert "is not among ['https://portal.example']," in refuse(name, framed)
    # Named as one that may embed, but the browser does not say that it is a frame.
    assert "do not fit each other" in refuse(name, client_data(topOrigin="https://portal.example"))
