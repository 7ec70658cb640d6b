"""System checks of the addresses: hosts, RP ID and origins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.http.request import validate_host
from django.urls import Resolver404, resolve

from ..conf import conf
from ..encoding import from_base64url
from ..origins import is_ip_address, is_local, is_same_or_parent, is_web_origin
from ..relying_party import fits_allowed_hosts

_WELL_KNOWN = ".well-known/webauthn"
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ANDROID = "android:apk-key-hash:"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
# Browsers read a host that ends with a number as an IPv4 address: "127.1" is one.
_NUMBER = re.compile(r"(.*\.)?(\d+|0x[\da-f]*)")


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_relying_party, checks.Tags.security)
    checks.register(check_deployed_hosts, checks.Tags.security, deploy=True)
    checks.register(check_shared_rp_id, checks.Tags.security, deploy=True)
    checks.register(check_twin_hosts, checks.Tags.security, deploy=True)
    checks.register(check_related_origins, checks.Tags.security)


def check_relying_party(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return errors for an RP ID or origins that no browser would take."""
    return list(_misfits())


def check_deployed_hosts(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return an error where no origin is named and ``ALLOWED_HOSTS`` lets in hosts that it does not name."""
    wild = [host for host in settings.ALLOWED_HOSTS if host == "*" or host.startswith(".")]
    if conf.OTP_PASSKEYS_ALLOWED_ORIGINS is not None or _has_callable() or not wild:
        return []
    return [
        checks.Error(
            f"ALLOWED_HOSTS has {wild[0]!r}, and no setting says from which origins passkeys are taken.",
            hint=(
                "Set OTP_PASSKEYS_RP_ID and OTP_PASSKEYS_ALLOWED_ORIGINS, or name each host in ALLOWED_HOSTS "
                f"instead of {wild[0]!r}."
            ),
            id="otp_passkeys.E009",
        )
    ]


def check_shared_rp_id(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning if other deployments may share the RP ID, and no setting says whether to signal."""
    rp_id = conf.OTP_PASSKEYS_RP_ID
    if not rp_id or _has_callable() or _rp_id_problem(rp_id):
        return []
    if conf.OTP_PASSKEYS_SIGNALS is not None:
        return []
    names = _hosts_of_users(rp_id)
    if not names or not all(name != rp_id and is_same_or_parent(rp_id, name) for name in names):
        return []
    return [
        checks.Warning(
            f"The RP ID {rp_id!r} is a parent domain of every host of this site, so that another deployment may have "
            "it too: with a copy of its database this one would make browsers delete its passkeys.",
            hint="Set OTP_PASSKEYS_SIGNALS: to True on the production site, to False on a staging site.",
            id="otp_passkeys.W003",
        )
    ]


def _hosts_of_users(rp_id: str) -> list[str]:
    """Return the hosts at which users may be: this machine and addresses are let in for health checks."""
    named = [host.lower().lstrip(".") for host in settings.ALLOWED_HOSTS]
    if "*" in named and rp_id not in named:
        # It says nothing; the origins do. Where none is named, E009 asks for them.
        named = [urlsplit(origin).hostname or "" for origin in _web_origins()]
    return [name for name in named if not is_local(name) and not is_ip_address(name)]


def check_twin_hosts(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where passkeys of a host would not work at the same host with ``www.``."""
    if conf.OTP_PASSKEYS_RP_ID is not None or _has_callable():
        return []
    hosts = {host.lower() for host in settings.ALLOWED_HOSTS}
    return [
        checks.Warning(
            f"Passkeys made at {host!r} do not work at 'www.{host}', nor the other way round.",
            hint=(
                f"Set OTP_PASSKEYS_RP_ID to {host!r} before the first user adds a passkey, or redirect one host to the"
                " other and take it out of ALLOWED_HOSTS."
            ),
            id="otp_passkeys.W004",
        )
        for host in sorted(hosts)
        if f"www.{host}" in hosts
    ]


def check_related_origins(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where origins of other domains are named, and the file that allows them is not served."""
    rp_id = conf.OTP_PASSKEYS_RP_ID
    if rp_id is None or _has_callable() or _rp_id_problem(rp_id):
        return []
    # Where another site is at the RP ID, that one serves the file.
    if settings.ALLOWED_HOSTS and not validate_host(rp_id, settings.ALLOWED_HOSTS):
        return []
    hosts = {origin: urlsplit(origin).hostname or "" for origin in _web_origins()}
    related = [origin for origin, host in hosts.items() if not is_same_or_parent(rp_id, host)]
    if not related or _serves_related_origins():
        return []
    return [
        checks.Warning(
            f"The origin {related[0]!r} is of another domain than the RP ID {rp_id!r}, and browsers find no file that "
            "lets it use the passkeys.",
            hint="Put path('', include('otp_passkeys.well_known')) into the root URLconf.",
            id="otp_passkeys.W007",
        )
    ]


def _serves_related_origins() -> bool:
    """Say whether the root URLconf has its own route for the file; one that takes any path does not count."""
    try:
        route = resolve(f"/{_WELL_KNOWN}", urlconf=settings.ROOT_URLCONF).route
    except Resolver404:
        return False
    except Exception:  # a URLconf that cannot be loaded, which Django reports
        return True
    return route.replace("\\", "").strip("^$") == _WELL_KNOWN


def _has_callable() -> bool:
    """Say whether the site makes its relying party itself; whether that can be imported is another check's."""
    return getattr(settings, "OTP_PASSKEYS_RELYING_PARTY", None) is not None


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(
        isinstance(one, str) for one in value
    )


def _web_origins() -> list[str]:
    """Return the origins of web pages that are named; another check reports what is not a list."""
    origins = conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    return [one for one in origins if is_web_origin(one)] if _is_list_of_text(origins) else []  # type: ignore[union-attr]


def _misfits() -> Iterator[checks.CheckMessage]:
    rp_id, origins = conf.OTP_PASSKEYS_RP_ID, conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    if rp_id is not None:
        yield from _rp_id_misfits(rp_id)
    if origins is not None and not (origins and _is_list_of_text(origins)):
        problem = (
            "so that no passkey works"
            if _is_list_of_text(origins)
            else "which is not a list of text"
        )
        yield checks.Error(
            f"OTP_PASSKEYS_ALLOWED_ORIGINS is {origins!r}, {problem}.",
            hint="Write a list, also for one origin: ['https://example.com'], or leave the setting out.",
            id="otp_passkeys.E020",
        )
        return
    for origin in origins or ():
        problem = _origin_problem(origin)
        if problem:
            yield checks.Error(
                f"OTP_PASSKEYS_ALLOWED_ORIGINS holds {origin!r}, {problem}.",
                hint="Write it as browsers do: 'https://example.com', with the port only if it is not 443.",
                id="otp_passkeys.E008",
            )


def _rp_id_misfits(rp_id: Any) -> Iterator[checks.CheckMessage]:
    # An empty ALLOWED_HOSTS is development, where Django lets local hosts through; "*" says nothing.
    named = settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS
    problem = _rp_id_problem(rp_id)
    if named and isinstance(rp_id, str) and not fits_allowed_hosts(rp_id):
        yield checks.Error(
            f"OTP_PASSKEYS_RP_ID {rp_id!r} is not a host of this site.",
            hint="Set it to an entry of ALLOWED_HOSTS or to a parent domain of one, without scheme and port.",
            id="otp_passkeys.E007",
        )
    elif problem:
        yield checks.Error(
            f"OTP_PASSKEYS_RP_ID is {rp_id!r}, {problem}.",
            hint=(
                "Set it to a domain as browsers write it: 'example.com', without scheme, port and path, in lower case "
                "and ASCII; to 'localhost' in development."
            ),
            id="otp_passkeys.E019",
        )


def _rp_id_problem(rp_id: Any) -> str:
    """Say why browsers would refuse an RP ID at every address (WebAuthn L3 §5.1.3 step 8)."""
    if not isinstance(rp_id, str):
        return "which is not text"
    if is_ip_address(rp_id):
        return "an IP address, for which browsers take no passkeys"
    return (
        "" if _DOMAIN.fullmatch(rp_id) and not _NUMBER.fullmatch(rp_id) else "which is not a domain"
    )


def _is_digest(text: str) -> bool:
    """Say whether a text is a SHA-256 in base64url, or a SHA-1 as older versions of Android wrote it."""
    try:
        return len(from_base64url(text)) in {20, 32}
    except ValueError:
        return False


def _origin_problem(origin: str) -> str:
    """Say what is wrong with an origin. It may be of another domain than the RP ID's: related origins are."""
    if origin.startswith(_ANDROID):  # a native app, which has no host
        problem = "which has no fingerprint in base64url without padding"
        return "" if _is_digest(origin.removeprefix(_ANDROID)) else problem
    try:
        parts = urlsplit(origin)
        host, number = parts.hostname or "", parts.port
    except ValueError:  # malformed brackets or port
        return "which is not an origin"
    if is_ip_address(host):
        return "where no passkeys can be used"
    if host and not is_web_origin(origin):
        return "which is not https"
    port = f":{number}" if number not in {None, 80 if parts.scheme == "http" else 443} else ""
    is_plain = origin.isascii() and "*" not in origin
    if not host or not is_plain or origin != f"{parts.scheme}://{host}{port}":
        return "which is not an origin"
    return ""
