"""The relying party: who the passkeys are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.http.request import split_domain_port

from .conf import conf
from .exceptions import UnusableAddress

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True)
class RelyingParty:
    """Who asks for a passkey (WebAuthn L3 §4, "Relying Party Identifier").

    :param id: the RP ID, a host name without port.
    :param name: what browsers may call the site.
    :param origins: the origins from which answers are taken, e.g. ``("https://example.com",)``.
    :param top_origins: the origins of pages that may embed the site in a frame and ask there; none by default
        (WebAuthn L3 §7.1 steps 10 and 11).
    """

    id: str
    name: str
    origins: tuple[str, ...]
    top_origins: tuple[str, ...] = ()


def is_same_or_parent(rp_id: str, host: str) -> bool:
    """Say whether an RP ID is a host or a parent domain of it.

    :param rp_id: the RP ID.
    :param host: a host name without port.
    """
    return host == rp_id or host.endswith("." + rp_id)


def fits_allowed_hosts(rp_id: str) -> bool:
    """Say whether an RP ID is one of ``ALLOWED_HOSTS`` or a parent of one.

    ``"*"`` vouches for nothing.
    """
    named = (allowed.lstrip(".") for allowed in settings.ALLOWED_HOSTS if allowed != "*")
    return any(is_same_or_parent(rp_id, allowed) for allowed in named)


def is_served(rp_id: str) -> bool:
    """Say whether the site may still be reached at an address where passkeys of an RP ID work.

    :param rp_id: the RP ID that a passkey was made for.
    """
    if conf.OTP_PASSKEYS_RELYING_PARTY is not None or rp_id == conf.OTP_PASSKEYS_RP_ID:
        return True
    hosts = settings.ALLOWED_HOSTS or ([".localhost"] if settings.DEBUG else [])
    return any(
        allowed == "*"
        or is_same_or_parent(rp_id, allowed.lower().lstrip("."))
        or (allowed.startswith(".") and is_same_or_parent(allowed[1:].lower(), rp_id))
        for allowed in hosts
    )


def request_host(request: HttpRequest) -> str:
    """Return the host name of a request without port, as checked against ``ALLOWED_HOSTS``."""
    return split_domain_port(request.get_host())[0]


def relying_party(request: HttpRequest) -> RelyingParty:
    """Return the relying party for a request.

    The scheme of the request is not asked: behind a proxy that ends TLS it is wrong. Its host is believed only where
    ``ALLOWED_HOSTS`` names it. A wildcard lets in whatever an attacker sends, who could pass a ceremony of their own
    page on to the site.

    :param request: any request to the site.
    :raises UnusableAddress: if the settings and the host make none.
    """
    make = conf.OTP_PASSKEYS_RELYING_PARTY
    return _derived(request) if make is None else _checked(request, make(request))


def rp_id_here(request: HttpRequest) -> str | None:
    """Return the RP ID whose passkeys work at this address, or None if none do.

    :param request: any request to the site.
    """
    try:
        return relying_party(request).id
    except UnusableAddress:
        return None


def _checked(request: HttpRequest, party: RelyingParty) -> RelyingParty:
    if is_same_or_parent(party.id, request_host(request)) or fits_allowed_hosts(party.id):
        return party
    raise UnusableAddress(
        "OTP_PASSKEYS_RELYING_PARTY returned an RP ID that is neither an allowed host nor its parent"
    )


def _derived(request: HttpRequest) -> RelyingParty:
    host = request_host(request)
    local = host == "localhost" or host.endswith(".localhost")
    named = host in (allowed.lower() for allowed in settings.ALLOWED_HOSTS)
    rp_id = conf.OTP_PASSKEYS_RP_ID or (host if local or named else None)
    if rp_id is None:
        raise UnusableAddress(
            "no RP ID: ALLOWED_HOSTS does not name the host; set OTP_PASSKEYS_RP_ID and OTP_PASSKEYS_ALLOWED_ORIGINS"
        )
    origins = conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    if origins is None:
        # Browsers treat http://localhost as a secure context, and any port of it; elsewhere no port is believed.
        netloc = request.get_host()
        origins = (
            [f"https://{netloc}", f"http://{netloc}"]
            if local
            else [f"https://{host if named else rp_id}"]
        )
    return RelyingParty(rp_id, conf.OTP_PASSKEYS_RP_NAME or rp_id, tuple(origins))
