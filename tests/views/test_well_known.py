"""What browsers and password managers find at the root of the site."""

from typing import Any

import pytest
from django.test import Client
from django.urls import clear_script_prefix, include, path, set_script_prefix

from otp_passkeys.relying_party import RelyingParty

urlpatterns = [
    path("", include("otp_passkeys.well_known")),
    path("account/passkeys/", include("otp_passkeys.urls")),
]

WEBAUTHN = "/.well-known/webauthn"
ENDPOINTS = "/.well-known/passkey-endpoints"
BOTH = pytest.mark.parametrize("url", [WEBAUTHN, ENDPOINTS])


@pytest.fixture(autouse=True)
def _at_the_root(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def origins(**options: Any) -> Any:
    """Ask which origins may use the passkeys."""
    return Client().get(WEBAUTHN, **options).json()


def panel(**options: Any) -> str:
    """Ask where the panel is."""
    answer = Client().get(ENDPOINTS, **options).json()
    assert answer.keys() == {"enroll", "manage"}
    assert answer["enroll"] == answer["manage"]
    return str(answer["manage"])


def party(request: Any) -> RelyingParty:
    """Return the relying party of a site with two domains and an app."""
    return RelyingParty(
        "example.com",
        "Example",
        ("android:apk-key-hash:x", "https://login.example.com", "https://example.org"),
    )


def test_origins_of_the_host() -> None:
    """S1.6: without settings the host's own origin and no other."""
    assert origins() == {"origins": ["https://testserver"]}
    assert origins(headers={"Host": "example.com:8443"}) == {"origins": ["https://example.com"]}


def test_origins_of_the_settings(settings: Any) -> None:
    """T26, S1.6: exactly the allowed web origins, in their order (WebAuthn L3 §5.11)."""
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://example.com", "https://example.org"]
    assert origins(headers={"Host": "example.com"}) == {
        "origins": ["https://example.com", "https://example.org"]
    }
    settings.OTP_PASSKEYS_RELYING_PARTY = party
    # An app is no web page: its own file names it.
    assert origins(headers={"Host": "example.com"}) == {
        "origins": ["https://login.example.com", "https://example.org"]
    }


def test_forged_host() -> None:
    """S1.6: eve names another host, and is not told that it is one of the site's."""
    for url in (WEBAUTHN, ENDPOINTS):
        response = Client(raise_request_exception=False).get(url, headers={"Host": "eve.example"})
        assert response.status_code == 400
    for name in ("X-Forwarded-Host", "Origin"):
        assert origins(headers={name: "https://eve.example"}) == {"origins": ["https://testserver"]}


@BOTH
def test_host_of_a_wildcard(url: str, settings: Any) -> None:
    """T27, S1.6: a host that only a wildcard let in is in no answer, which caches would keep for all."""
    for settings.ALLOWED_HOSTS in (["*"], [".example.com"]):
        answer = Client().get(url, headers={"Host": "eve.example.com"})
        assert (answer.status_code, answer.content) == (404, b"")
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    for settings.OTP_PASSKEYS_ALLOWED_ORIGINS in (None, [], ["android:apk-key-hash:x"]):
        answer = Client().get(url, headers={"Host": "eve.example.com:8443"})
        assert answer.status_code == 200
        assert b"eve" not in answer.content


@BOTH
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]"])
def test_nothing_to_derive(url: str, host: str, settings: Any) -> None:
    """S1.6: where passkeys cannot be used there is no file, and no error."""
    settings.ALLOWED_HOSTS = [host.removesuffix(":8000")]
    assert Client().get(url, headers={"Host": host}).status_code == 404


def test_panel() -> None:
    """S1.1: a password manager leads the user to the panel, wherever the site has put it."""
    assert panel() == "https://testserver/account/passkeys/"
    assert panel(secure=True) == "https://testserver/account/passkeys/"


def test_panel_at_localhost() -> None:
    """S1.6: on the developer's own machine http is what works."""
    host = {"Host": "localhost:8000"}
    assert panel(headers=host) == "http://localhost:8000/account/passkeys/"
    assert panel(headers=host, secure=True) == "https://localhost:8000/account/passkeys/"


def test_panel_where_passkeys_work(settings: Any) -> None:
    """S1.6: the address is of an origin from which passkeys are taken, never of an app."""
    settings.OTP_PASSKEYS_RELYING_PARTY = party
    path = "/account/passkeys/"
    assert panel(headers={"Host": "example.com"}) == f"https://login.example.com{path}"
    assert panel(headers={"Host": "login.example.com"}) == f"https://login.example.com{path}"
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: RelyingParty(
        "example.com", "Example", ("android:apk-key-hash:x",)
    )
    assert panel(headers={"Host": "example.com"}) == f"https://example.com{path}"


def test_panel_under_a_prefix() -> None:
    """S1.1: where the site stands below a path, the address says so."""
    set_script_prefix("/site/")
    try:
        assert panel() == "https://testserver/site/account/passkeys/"
    finally:
        clear_script_prefix()


@BOTH
def test_headers(url: str) -> None:
    """S1.18: it is public, kept for minutes, the same for everyone, and JSON; no database is asked."""
    response = Client().get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=300"
    assert not response.has_header("Vary")
    assert not response.cookies
    head = Client().head(url)
    assert (head.status_code, head.content) == (200, b"")


@BOTH
@pytest.mark.django_db
def test_session_is_not_touched(url: str, client: Client, alice: Any, settings: Any) -> None:
    """S1.12: who is signed in changes nothing and is not looked at, whatever the site asks of its views."""
    settings.SESSION_SAVE_EVERY_REQUEST = True
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    plain = Client().get(url)
    client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
    response = client.get(url)
    assert plain.status_code == response.status_code == 200
    assert plain.content == response.content


@BOTH
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_other_methods(url: str, method: str) -> None:
    """S1.12: they are read and nothing else."""
    assert getattr(Client(), method)(url).status_code == 405


def test_query_is_ignored() -> None:
    """S1.6: nothing that eve writes into the address is in the answer."""
    assert Client().get(f"{WEBAUTHN}?origins=https://eve.example").json() == origins()
