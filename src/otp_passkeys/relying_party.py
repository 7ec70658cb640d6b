"""The relying party: who the passkeys are for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http.request import split_domain_port

from .conf import conf
from .encoding import shown
from .exceptions import UnusableAddress
from .origins import (
    as_browsers_write,
    ends_with_dot,
    is_ip_address,
    is_local,
    is_same_or_parent,
    is_web_origin,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["RelyingParty", "request_host"]

logger = logging.getLogger("otp_passkeys")


@dataclass(frozen=True)
class RelyingParty:
    """Who asks for a passkey (WebAuthn L3 §4, "Relying Party Identifier").

    :param id: the RP ID, a host name without port.
    :param name: what browsers may call the site.
    :param origins: the origins from which answers are taken, e.g. ``("https://example.com",)``. They are kept in the
        spelling of browsers: in lower case, without the port 443 of https or the port 80 of http.
    :param top_origins: the origins of pages that may embed the site in a frame and ask there; none by default
        (WebAuthn L3 §7.1 steps 10 and 11).
    """

    id: str
    name: str
    origins: tuple[str, ...]
    top_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("origins", "top_origins"):
            spelled = tuple(map(as_browsers_write, getattr(self, name)))
            object.__setattr__(self, name, spelled)  # as a frozen dataclass sets them itself


def fits_allowed_hosts(rp_id: str) -> bool:
    """Say whether an RP ID is one of ``ALLOWED_HOSTS`` or a parent of one.

    :param rp_id: the RP ID. ``"*"`` vouches for none.
    """
    named = (allowed.lower().lstrip(".") for allowed in settings.ALLOWED_HOSTS if allowed != "*")
    return any(is_same_or_parent(rp_id, allowed) for allowed in named)


def knows_addresses() -> bool:
    """Say whether the settings tell at which addresses the site is.

    If ``ALLOWED_HOSTS`` is empty and ``DEBUG`` is off, Django answers no request at all: these are not the settings
    that the site runs with, but those of some shell.
    """
    named = conf.OTP_PASSKEYS_RP_ID or conf.OTP_PASSKEYS_RELYING_PARTY
    return bool(named or settings.ALLOWED_HOSTS or settings.DEBUG)


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


def is_used(rp_id: str) -> bool:
    """Say whether passkeys of an RP ID may sign in anywhere: where one is set, those of no other do.

    :param rp_id: the RP ID that a passkey was made for.
    """
    one = conf.OTP_PASSKEYS_RP_ID if conf.OTP_PASSKEYS_RELYING_PARTY is None else None
    return is_served(rp_id) if one is None else rp_id == one


def request_host(request: HttpRequest) -> str:
    """Return the host name of a request without port, as checked against ``ALLOWED_HOSTS``.

    :param request: any request.
    """
    return split_domain_port(request.get_host())[0]


def relying_party(request: HttpRequest) -> RelyingParty:
    """Return the relying party for a ceremony; where there is none, say in the log what to set.

    The scheme of the request is not asked: behind a proxy that ends TLS it is wrong. Its host is believed only where
    ``ALLOWED_HOSTS`` names it. A wildcard lets in whatever an attacker sends, and a page of theirs could pass a
    ceremony on to the site.

    :param request: any request to the site.
    :raises UnusableAddress: if the settings and the host make none.
    """
    try:
        return made_for(request)
    except UnusableAddress as error:
        logger.warning("No passkeys at this address: %s", error.reason)
        raise


def relying_party_here(request: HttpRequest) -> RelyingParty | None:
    """Return the relying party for a page, or None if passkeys cannot be used at its address.

    It logs nothing, and raises nothing where Django refuses the host: an error page is a page too.

    :param request: any request to the site.
    """
    try:
        party, address = made_for(request), request.get_host()
    except (UnusableAddress, DisallowedHost):
        return None
    host = split_domain_port(address)[0]
    if ends_with_dot(address) and is_same_or_parent(party.id, host):  # no RP ID ends with a dot
        return None
    return None if _is_refused(party, host) else party


def rp_id_here(request: HttpRequest) -> str | None:
    """Return the RP ID whose passkeys work at this address, or None if none do.

    :param request: any request to the site.
    """
    party = relying_party_here(request)
    return party.id if party else None


def made_for(request: HttpRequest) -> RelyingParty:
    """Return what the settings and the host make, and log nothing.

    :param request: any request to the site.
    :raises UnusableAddress: if they make none.
    """
    make = conf.OTP_PASSKEYS_RELYING_PARTY
    if make is None:
        return _derived(request)
    party = make(request)
    if party is None:
        raise UnusableAddress("OTP_PASSKEYS_RELYING_PARTY returned None")
    if is_same_or_parent(party.id, request_host(request)) or fits_allowed_hosts(party.id):
        return party
    raise UnusableAddress(
        f"OTP_PASSKEYS_RELYING_PARTY returned the RP ID {shown(party.id)}, "
        "which is neither an allowed host nor its parent"
    )


def listed_origins(request: HttpRequest) -> tuple[str, ...]:
    """Return the web origins that the site itself lists; those that are derived from a host are not among them.

    :param request: any request to the site.
    """
    if conf.OTP_PASSKEYS_ALLOWED_ORIGINS is None and conf.OTP_PASSKEYS_RELYING_PARTY is None:
        return ()
    try:
        return tuple(filter(is_web_origin, made_for(request).origins))
    except UnusableAddress:
        return ()


def _derived(request: HttpRequest) -> RelyingParty:
    host, port = split_domain_port(request.get_host())
    rp_id = conf.OTP_PASSKEYS_RP_ID
    if rp_id is None:
        rp_id = _own_rp_id(host)
    origins = conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    if origins is None:
        origins = _own_origins(host, port, rp_id)
    return RelyingParty(rp_id, conf.OTP_PASSKEYS_RP_NAME or rp_id, tuple(origins))


def _own_rp_id(host: str) -> str:
    """Return the RP ID of a site that set none: its host, where that is certain and a name."""
    if is_ip_address(host):
        raise UnusableAddress(
            "the host is an IP address, for which browsers take no passkeys; "
            "open the site by a name in ALLOWED_HOSTS, or set OTP_PASSKEYS_RP_ID"
        )
    if is_local(host) or _is_named(host):
        return host
    raise UnusableAddress(
        "ALLOWED_HOSTS does not name the host; name it there, "
        "or set OTP_PASSKEYS_RP_ID and OTP_PASSKEYS_ALLOWED_ORIGINS"
    )


def _own_origins(host: str, port: str, rp_id: str) -> list[str]:
    """Return the origins of a site that set none.

    That of the host where it is certain and the RP ID fits it. Otherwise the RP ID's own, which no request chooses:
    a proxy in front may have renamed the host.
    """
    if not is_same_or_parent(rp_id, host):
        return [f"https://{rp_id}"]
    if is_local(host):
        # The only hosts without TLS, and with a port that is believed.
        return [f"{scheme}://{host}{port and ':'}{port}" for scheme in ("https", "http")]
    return [f"https://{host if _is_named(host) else rp_id}"]


def _is_named(host: str) -> bool:
    """Say whether ``ALLOWED_HOSTS`` names a host, rather than letting it in by a wildcard."""
    return not host.startswith(".") and host in map(str.lower, settings.ALLOWED_HOSTS)


def _is_refused(party: RelyingParty, host: str) -> bool:
    """Say whether a page at a host could only fail, because no origin was named and its own is not derived."""
    if conf.OTP_PASSKEYS_RELYING_PARTY is not None or conf.OTP_PASSKEYS_ALLOWED_ORIGINS is not None:
        return False  # the site's own list, and its own affair
    if any(urlsplit(origin).hostname == host for origin in party.origins):
        return False
    if settings.DEBUG or is_same_or_parent(party.id, host):
        return True
    # Elsewhere the host may be what a proxy made of the RP ID's. A public name that only a wildcard lets in is what
    # the user sees; behind a proxy that makes up such names, ALLOWED_HOSTS has to have them.
    return "." in host and not is_ip_address(host) and not _is_named(host)
