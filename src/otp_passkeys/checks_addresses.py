"""System checks of the addresses: hosts, RP ID and origins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from .conf import conf
from .relying_party import (
    fits_allowed_hosts,
    is_ip_address,
    is_local,
    is_same_or_parent,
    is_web_origin,
)


def register() -> None:
    """Register the checks with Django."""
    checks.register(check_relying_party, checks.Tags.security)
    checks.register(check_deployed_hosts, checks.Tags.security, deploy=True)
    checks.register(check_shared_rp_id, checks.Tags.security, deploy=True)
    checks.register(check_twin_hosts, checks.Tags.security, deploy=True)


def check_relying_party(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return errors for an RP ID or origins that no browser would take."""
    return list(_misfits())


def check_deployed_hosts(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return an error where no origin is named and ``ALLOWED_HOSTS`` lets in hosts that it does not name."""
    named = (conf.OTP_PASSKEYS_ALLOWED_ORIGINS, conf.OTP_PASSKEYS_RELYING_PARTY)
    wild = [host for host in settings.ALLOWED_HOSTS if host == "*" or host.startswith(".")]
    if named != (None, None) or not wild:
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
    """Return a warning where other deployments may share the RP ID, and nobody has said whether to signal."""
    rp_id = conf.OTP_PASSKEYS_RP_ID
    if not rp_id or conf.OTP_PASSKEYS_RELYING_PARTY is not None:
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
        origins = conf.OTP_PASSKEYS_ALLOWED_ORIGINS or ()
        named = [urlsplit(origin).hostname or "" for origin in origins if is_web_origin(origin)]
    return [name for name in named if not is_local(name) and not is_ip_address(name)]


def check_twin_hosts(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    """Return a warning where passkeys of a host would not work at the same host with ``www.``."""
    if conf.OTP_PASSKEYS_RP_ID is not None or conf.OTP_PASSKEYS_RELYING_PARTY is not None:
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


def _misfits() -> Iterator[checks.CheckMessage]:
    rp_id, origins = conf.OTP_PASSKEYS_RP_ID, conf.OTP_PASSKEYS_ALLOWED_ORIGINS
    # An empty ALLOWED_HOSTS is development, where Django lets local hosts through; "*" says nothing.
    named = settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS
    if rp_id is not None and named and not fits_allowed_hosts(rp_id):
        yield checks.Error(
            f"OTP_PASSKEYS_RP_ID {rp_id!r} is no host of this site.",
            hint="Set it to an entry of ALLOWED_HOSTS or to a parent domain of one, without scheme and port.",
            id="otp_passkeys.E007",
        )
    for origin in origins or ():
        problem = _origin_problem(origin)
        if problem:
            yield checks.Error(
                f"OTP_PASSKEYS_ALLOWED_ORIGINS holds {origin!r}, {problem}.",
                hint="Write it as browsers do: 'https://example.com', with the port only if it is not 443.",
                id="otp_passkeys.E008",
            )


def _origin_problem(origin: str) -> str:
    """Say what is wrong with an origin. It may be of another domain than the RP ID's: related origins are."""
    if origin.startswith("android:apk-key-hash:"):  # a native app, which has no host
        return ""
    try:
        parts = urlsplit(origin)
        host, number = parts.hostname or "", parts.port
    except ValueError:  # brackets or a port that are none
        return "which is not an origin"
    if is_ip_address(host):
        return "where no passkeys can be used"
    if host and not is_web_origin(origin):
        return "which is not https"
    port = f":{number}" if number not in {None, 80 if parts.scheme == "http" else 443} else ""
    if not host or not origin.isascii() or origin != f"{parts.scheme}://{host}{port}":
        return "which is not an origin"
    return ""
