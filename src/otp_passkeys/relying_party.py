"""The relying party: who the passkeys are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from .conf import conf

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


def request_host(request: HttpRequest) -> str:
    """Return the host name of a request without port, as checked against ``ALLOWED_HOSTS``."""
    return split_domain_port(request.get_host())[0]


def relying_party(request: HttpRequest) -> RelyingParty:
    """Return the relying party for a request.

    The scheme of the request is not asked: behind a proxy that ends TLS it is wrong.

    :param request: any request to the site.
    :raises ImproperlyConfigured: if the callable of ``OTP_PASSKEYS_RELYING_PARTY`` returned an RP ID that is
        neither the request's host, nor an allowed host, nor a parent of one.
    """
    host = request_host(request)
    make = conf.OTP_PASSKEYS_RELYING_PARTY
    if make is not None:
        party = make(request)
        if not (is_same_or_parent(party.id, host) or fits_allowed_hosts(party.id)):
            raise ImproperlyConfigured(
                "OTP_PASSKEYS_RELYING_PARTY returned an RP ID that is neither an allowed host nor its parent."
            )
        return party
    rp_id = conf.OTP_PASSKEYS_RP_ID or host
    origins = conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    if origins is None:
        netloc = request.get_host()
        # Browsers treat http://localhost as a secure context, and only that.
        origins = [f"https://{netloc}"] + ([f"http://{netloc}"] if host == "localhost" else [])
    return RelyingParty(rp_id, conf.OTP_PASSKEYS_RP_NAME or rp_id, tuple(origins))
