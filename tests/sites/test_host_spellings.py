"""The same host in other spellings: with the default port, in capitals, with a dot, as an address, in other scripts."""

import html
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from otp_passkeys.origins import as_browsers_write
from otp_passkeys.relying_party import RelyingParty, relying_party, relying_party_here
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.reauthentication import PAGE, asks, give, grow_old
from ..helpers.steps import SignedIn, outcome
from ..urls import urlpatterns as site

urlpatterns = [
    path("", include("otp_passkeys.well_known")),
    path("", include("tests.reauthentication.urls")),
    *site,
]

SPELLINGS = ["example.com", "example.com:443", "example.com:80", "Example.COM", "EXAMPLE.com:443"]
ORIGIN = "https://example.com"
spelled = pytest.mark.parametrize("host", SPELLINGS)


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["example.com", "localhost", "[::1]", "xn--bcher-kva.example"]


def from_host(request: HttpRequest) -> RelyingParty:
    """Return what a site with many domains might write."""
    return RelyingParty("example.com", "Example", (f"https://{request.get_host()}",))


def send(client: Client, host: str, name: str, body: object) -> Any:
    """Post JSON through a proxy that ends TLS and spells the host in its own way."""
    address = reverse(f"otp_passkeys:{name}")
    return client.post(address, body, content_type="application/json", headers={"Host": host})


def sign_in(client: Client, host: str, authenticator: Authenticator, **body: str) -> Any:
    """Sign in with a passkey through that proxy."""
    options = send(client, host, "authenticate-options", {}).json()
    return send(client, host, "authenticate", {"credential": authenticator.get(options), **body})


@pytest.mark.parametrize("way", ["derived", "named", "callable", "parent"])
@spelled
def test_ceremonies(alice: User, signed_in: SignedIn, settings: Any, host: str, way: str) -> None:
    """S6.8: a passkey is added and signs in, whatever the proxy's spelling and however the site names its origin."""
    if way == "named":
        settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [ORIGIN]
    if way == "callable":
        settings.OTP_PASSKEYS_RELYING_PARTY = from_host
    if way == "parent":
        settings.OTP_PASSKEYS_RP_ID = "example.com"
    if (way, host) == ("callable", "example.com:80"):
        return  # https on port 80 is another origin, and the site names it
    client, authenticator = signed_in(alice), Authenticator(origin=ORIGIN)
    credential = authenticator.create(send(client, host, "register-options", {}).json())
    assert outcome(send(client, host, "register", {"credential": credential})) == "201"
    visitor = Client()
    assert outcome(sign_in(visitor, host, authenticator)) == "200"
    assert SESSION_KEY in visitor.session


@spelled
def test_well_known(settings: Any, host: str) -> None:
    """S6.8: both files name the page's own origin, among several, as browsers write it."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://www.example.com", ORIGIN]
    client = Client(headers={"Host": host})
    origins = client.get("/.well-known/webauthn").json()["origins"]
    assert origins == ["https://www.example.com", ORIGIN]
    for secure in (False, True):
        panel = client.get("/.well-known/passkey-endpoints", secure=secure).json()["manage"]
        assert panel == f"{ORIGIN}/passkeys/"


@spelled
def test_mail(
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
    host: str,
) -> None:
    """S6.8: the mail leads to the origin at which the user is, not to the first that is named."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://www.example.com", ORIGIN]
    client, authenticator = signed_in(alice), Authenticator(origin=ORIGIN)
    credential = authenticator.create(send(client, host, "register-options", {}).json())
    with django_capture_on_commit_callbacks(execute=True):
        send(client, host, "register", {"credential": credential})
    (mail,) = mailoutbox
    assert f"{ORIGIN}/passkeys/" in mail.body


@spelled
def test_next(alice: User, signed_in: SignedIn, host: str) -> None:
    """S6.8, T17: a page of this site is gone to in the browser's spelling; another port or scheme is not."""
    for target, leads in (
        (f"{ORIGIN}/tagged/", f"{ORIGIN}/tagged/"),
        (f"{ORIGIN}:8443/tagged/", "/"),
        ("https://example.com.evil.example/", "/"),
        ("ftp://example.com/", "/"),
    ):
        fields = {"username": "alice", "password": PASSWORD, "next": target}
        response = Client(headers={"Host": host}).post(reverse("otp_passkeys:sign-in"), fields)
        assert response["Location"] == leads
        client = signed_in(alice, headers={"Host": host})
        assert give(client, password=PASSWORD, next=target)["Location"] == leads


@spelled
def test_returns_to_the_page_of_a_form(alice: User, signed_in: SignedIn, host: str) -> None:
    """S6.8, S4.10: who is asked in the middle of a form comes back to the page that holds it."""
    client = signed_in(alice, headers={"Host": host})
    grow_old(client)
    response = client.post("/act/", headers={"Host": host, "Referer": f"{ORIGIN}/tagged/?a=1"})
    assert response["Location"] == asks(PAGE, "/tagged/?a=1")


@pytest.mark.parametrize(
    ("origin", "spelling"),
    [
        ("https://example.com:443", "https://example.com"),
        ("http://localhost:80", "http://localhost"),
        ("HTTPS://Example.com", "https://example.com"),
        ("https://example.com:4430", "https://example.com:4430"),
        ("https://example.com:80", "https://example.com:80"),
        ("http://localhost:443", "http://localhost:443"),
        ("https://[::1]:443", "https://[::1]"),
        ("android:apk-key-hash:2jmj7l5rSw0yVb_vlWAYkK_YBwk", None),
        ("ios:bundle-id:com.Example:443", None),
        ("example.com:443", None),
        ("", None),
    ],
)
def test_spelling_of_an_origin(origin: str, spelling: str | None) -> None:
    """S6.8: the port that the scheme implies is no part of an origin, nor are capitals; an app's stays as it is."""
    assert as_browsers_write(origin) == (origin if spelling is None else spelling)
    party = RelyingParty("example.com", "Example", (origin,), top_origins=(origin,))
    assert party.origins == party.top_origins == (as_browsers_write(origin),)


@pytest.mark.parametrize(
    "host", ["example.com.", "example.com.:443", "Example.com.:8443", "localhost."]
)
@pytest.mark.parametrize("named", [False, True])
def test_dot(settings: Any, host: str, named: bool) -> None:
    """S6.6: browsers refuse every RP ID at an address that ends with a dot, so pages there say so at once.

    A ceremony is not refused for it: a proxy may have added the dot, and the browser names the origin.
    """
    if named:
        settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [ORIGIN]
    request = RequestFactory().get("/", headers={"Host": host})
    assert relying_party_here(request) is None
    assert relying_party(request).id == host.lower().partition(".:")[0].removesuffix(".")
    settings.OTP_PASSKEYS_RP_ID = "example.org"
    if named:  # the name of a machine behind a proxy is nobody's address
        assert relying_party_here(request) is not None


@pytest.mark.parametrize("host", ["[::1]", "[::1]:443", "[::1]:8000"])
def test_ipv6(settings: Any, client: Client, host: str) -> None:
    """S6.6, S6.8: an address in brackets is an IP address with any port: passkeys cannot be used there."""
    assert outcome(send(client, host, "authenticate-options", {})) == "unusable_address"
    page = client.get(reverse("otp_passkeys:sign-in"), headers={"Host": host})
    assert "Passkeys can’t be used" in html.unescape(page.content.decode())


def test_other_scripts(alice: User, signed_in: SignedIn) -> None:
    """S6.8: a name in another script is what browsers send, in ASCII."""
    host = "XN--bcher-kva.example:443"
    client, authenticator = signed_in(alice), Authenticator(origin="https://xn--bcher-kva.example")
    options = send(client, host, "register-options", {}).json()
    assert options["rp"]["id"] == "xn--bcher-kva.example"
    credential = authenticator.create(options)
    assert outcome(send(client, host, "register", {"credential": credential})) == "201"
    assert outcome(sign_in(Client(), host, authenticator)) == "200"
