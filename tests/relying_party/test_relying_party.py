"""The relying party: from the settings or the request's host, never from what a proxy may get wrong."""

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.test import Client, RequestFactory

from otp_passkeys.exceptions import UnusableAddress
from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty, fits_allowed_hosts, relying_party, request_host
from otp_passkeys.sync import may_signal_unknown
from otp_passkeys.testing import Authenticator, register, sign_in


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = [
        "testserver", "localhost", ".localhost", "localhost.evil.test", "Example.com",
        "www.example.com", "staging.example.com",
    ]  # fmt: skip


def request_to(host: str, **extra: Any) -> HttpRequest:
    return RequestFactory().get("/", headers={"Host": host}, **extra)


def by_host(request: HttpRequest) -> RelyingParty:
    """Return what a site with many domains would."""
    host = request_host(request)
    return RelyingParty(host, "Many", (f"https://{host}",))


def by_header(request: HttpRequest) -> RelyingParty:
    """Return what eve asks for."""
    return RelyingParty(request.headers["X-Site"], "Eve", ("https://evil.test",))


@pytest.mark.parametrize(
    ("host", "rp_id", "origins"),
    [
        ("example.com", "example.com", ["https://example.com"]),
        ("EXAMPLE.com", "example.com", ["https://example.com"]),
        ("example.com.", "example.com", ["https://example.com"]),
        # Elsewhere than at localhost a port is believed of nobody.
        ("www.example.com:8443", "www.example.com", ["https://www.example.com"]),
        ("localhost", "localhost", ["https://localhost", "http://localhost"]),
        ("localhost:8000", "localhost", ["https://localhost:8000", "http://localhost:8000"]),
        ("LOCALHOST:443", "localhost", ["https://localhost", "http://localhost:443"]),
        ("localhost:80", "localhost", ["https://localhost:80", "http://localhost"]),
        (
            "a.localhost:8000",
            "a.localhost",
            ["https://a.localhost:8000", "http://a.localhost:8000"],
        ),
        # Only localhost itself may be http.
        ("localhost.evil.test", "localhost.evil.test", ["https://localhost.evil.test"]),
    ],
)
@pytest.mark.parametrize("secure", [False, True])
def test_from_the_host(host: str, rp_id: str, origins: list[str], secure: bool) -> None:
    """S1.6: the ID is the host without port; the scheme of the request, wrong behind a proxy, is not asked."""
    party = relying_party(request_to(host, secure=secure))
    assert party == RelyingParty(rp_id, rp_id, tuple(origins))


def test_disallowed_host() -> None:
    """T26: a host that Django refuses makes no relying party."""
    with pytest.raises(DisallowedHost):
        relying_party(request_to("evil.test"))


def test_settings_win(settings: Any) -> None:
    """T26: ID, name and origins are those of the settings, whatever host is asked."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_RP_NAME = "Example"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://a.example.com", "https://b.example.com"]
    assert relying_party(request_to("localhost")) == RelyingParty(
        "example.com", "Example", ("https://a.example.com", "https://b.example.com")
    )


def test_settings_are_independent(settings: Any) -> None:
    """T27: with a parent domain as ID the origin is that of a host which is named alone, no sibling's.

    Behind a wildcard it is the RP ID's own: anybody may have sent the host.
    """
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    for hosts, origin in (
        (["www.example.com"], "https://www.example.com"),
        ([".example.com"], "https://example.com"),
        (["*"], "https://example.com"),
    ):
        settings.ALLOWED_HOSTS = hosts
        party = relying_party(request_to("www.example.com"))
        assert party == RelyingParty("example.com", "example.com", (origin,))


def test_no_origins_means_none(settings: Any) -> None:
    """T26: an empty list of origins lets nobody in; it does not mean the default."""
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = []
    assert relying_party(request_to("localhost")).origins == ()


@pytest.mark.parametrize("host", ["example.com", "www.example.com", "testserver"])
def test_callable(settings: Any, host: str) -> None:
    """T26: a callable makes the relying party of a site with many domains."""
    settings.OTP_PASSKEYS_RELYING_PARTY = f"{__name__}.by_host"
    settings.OTP_PASSKEYS_RP_ID = "not.asked"
    assert relying_party(request_to(host)) == RelyingParty(host, "Many", (f"https://{host}",))


@pytest.mark.parametrize("rp_id", ["www.example.com", "example.com", "testserver", "com"])
def test_callable_within_the_hosts(settings: Any, rp_id: str) -> None:
    """T26: its ID may be the host, an allowed host, or a parent of one; browsers refuse what is public."""
    settings.OTP_PASSKEYS_RELYING_PARTY = by_header
    party = relying_party(request_to("www.example.com", HTTP_X_SITE=rp_id))
    assert party.id == rp_id


@pytest.mark.parametrize(
    ("hosts", "rp_id"),
    [
        *product(
            [["www.example.com"], ["*"]],
            ["evil.test.", "evil", "ample.com", "www.example.com.evil.test", "", ".com", "*"],
        )
    ],
)
def test_callable_is_checked(settings: Any, hosts: list[str], rp_id: str) -> None:
    """T26: a callable that reads what eve sends is refused, also where every host is allowed."""
    settings.ALLOWED_HOSTS = hosts
    settings.OTP_PASSKEYS_RELYING_PARTY = by_header
    with pytest.raises(UnusableAddress, match="OTP_PASSKEYS_RELYING_PARTY"):
        relying_party(request_to("www.example.com", HTTP_X_SITE=rp_id))


@pytest.mark.parametrize(
    ("hosts", "fits"),
    [
        (["example.com"], True), ([".example.com"], True),
        (["other.org", "www.example.com"], True), (["WWW.Example.com"], True), (["*"], False),
        ([], False), (["example.org"], False),
    ],
)  # fmt: skip
def test_fits_allowed_hosts(settings: Any, hosts: list[str], fits: bool) -> None:
    """T26: an entry of ALLOWED_HOSTS vouches for itself and its parents; "*" vouches for nothing."""
    settings.ALLOWED_HOSTS = hosts
    assert fits_allowed_hosts("example.com") is fits


@pytest.mark.parametrize(
    ("host", "setting", "may"),
    [
        ("example.com", None, True),
        ("example.com:443", None, True),
        ("example.com:80", None, True),
        ("example.com:8443", None, False),  # another site may be at the same host
        ("example.com:8443", True, True),
        ("staging.example.com", None, False),
        ("example.com", True, True),
        ("staging.example.com", True, False),
        ("example.com", False, False),
        ("example.com", "no-unknown", False),
    ],
)
def test_may_signal_unknown(settings: Any, host: str, setting: object, may: bool) -> None:
    """S0.14: a staging site under a shared ID must not erase production's passkeys, whatever it is told."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_SIGNALS = setting
    request = request_to(host)
    assert may_signal_unknown(request, relying_party(request)) is may


@pytest.mark.parametrize("setting", [True, False])
def test_unknown_passkey(alice: User, signed_in: Any, settings: Any, setting: bool) -> None:
    """S0.14, S1.3: the answer about a passkey that nobody has names it; the setting turns that off."""
    settings.OTP_PASSKEYS_SIGNALS = setting
    authenticator = Authenticator()
    register(signed_in(alice), authenticator)
    Passkey.objects.all().delete()
    answer = sign_in(Client(), authenticator)
    assert (answer.status_code, answer.json()["code"]) == (404, "credential_not_found")
    if setting:
        authenticator.signal_unknown_credential(answer.json()["signal"])
    assert len(authenticator.credentials) == (not setting)
    assert ("signal" in answer.json()) is setting


@pytest.mark.parametrize("origin", ["https://www.example.com", "http://localhost:8000"])
def test_whole_ceremony(origin: str, browser: Client) -> None:
    """S1.6: what the host gives is what a browser at that address can use, over http at localhost."""
    authenticator = Authenticator(origin=origin)
    assert register(browser, authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200
    assert (
        sign_in(Client(), authenticator, client_data={"origin": "https://evil.test"}).status_code
        == 422
    )


def test_whole_ceremony_behind_proxy(alice: User, signed_in: Any) -> None:
    """S1.6: behind a proxy that ends TLS the request is http, the browser's origin https."""
    authenticator = Authenticator(origin="http://example.com")
    page: dict[str, Any] = {"client_data": {"origin": "https://example.com"}}
    client = signed_in(alice)
    assert register(client, authenticator, **page).status_code == 201
    assert sign_in(Client(), authenticator, **page).status_code == 200
    assert sign_in(Client(), authenticator).status_code == 422
