"""A front end on another origin that the site lists: it is led to the site and back, and no other origin is."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.unsent import UNSENT
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import BY_PASSKEY, PAGE, asks, give, grow_old
from ..helpers.rows import stored_passkey

APP = "https://app.example.com"
OTHER = "https://other.example.com"
NATIVE = "android:apk-key-hash:x"
OWN = "https://testserver"
OPTIONS = "/passkeys/register/options/"
# What a refusal says without any of this: the page of the app's own panel, as a path.
AS_EVER = asks(PAGE, "/passkeys/#otp-passkeys-add")
# None of these is the origin that is listed.
SIMILAR = [
    "https://evil.example", "http://app.example.com", "https://app.example.com:8443",
    "https://app.example.com.evil.example", "https://evil-app.example.com",
    "https://x.app.example.com", "https://example.com", "https://eve@app.example.com",
    "https://app.example.com@evil.example", "https://app.example.com\\@evil.example",
    "//app.example.com", "https:app.example.com", "https:///app.example.com", "/\\app.example.com",
    NATIVE, "http://[", "javascript:https://app.example.com",
]  # fmt: skip


@pytest.fixture
def front_end(settings: Any) -> None:
    """List a front end, and an app that is no web page."""
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [OWN, "https://App.example.com:443", OTHER, NATIVE]
    settings.LOGIN_REDIRECT_URL = "/home/"


def refused(client: Client, headers: dict[str, str], *, secure: bool = True) -> str:
    """Ask to add a passkey, and return where the refusal leads."""
    response = client.post(
        OPTIONS, {}, content_type="application/json", secure=secure, headers=headers
    )
    assert response.status_code in (401, 403)
    return str(response.json()["reauthenticate_url"])


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        (f"{APP}/settings?a=1#b", f"{APP}/settings?a=1"),
        (f"{APP}/", f"{APP}/"),  # all that browsers say by default
        ("", f"{APP}/"),
        ("https://evil.example/settings", f"{APP}/"),
        (f"{OTHER}/settings", f"{APP}/"),  # listed, and not what asks
        (f"{APP}/\x85", f"{APP}/"),
    ],
)
def test_leads_to_the_site_and_back(stale: Client, referrer: str, page: str) -> None:
    """S4.10: the script of a listed origin is told the whole address, and the page that the user comes back to."""
    address = refused(stale, {"Origin": APP, "Referer": referrer})
    assert address == OWN + asks(PAGE, page)
    assert UNSENT not in stale.session  # no page of this site could say so
    response = give(stale, page=address.removeprefix(OWN), password=PASSWORD, secure=True)
    assert response.headers["Location"] == page


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("origin", [*SIMILAR, "null", "", "x" * 9000])
def test_other_origins_are_told_nothing_new(stale: Client, origin: str) -> None:
    """T17, F2: only the origin that is listed, letter for letter; an app's is none of the web."""
    for headers in ({"Origin": origin}, {"Origin": origin, "Referer": f"{APP}/"}):
        assert refused(stale, headers) == AS_EVER
    if origin in SIMILAR:
        assert refused(stale, {"Referer": f"{origin}/"}) == AS_EVER


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
def test_page_without_an_origin_header(stale: Client, header: str) -> None:
    """S4.10: a request that names its page only, and htmx, which names it by itself."""
    headers = {header: f"{APP}/settings"} | ({} if header == "Referer" else {"Origin": APP})
    assert refused(stale, headers) == OWN + asks(PAGE, f"{APP}/settings")


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("origin", [None, OWN, "http://testserver", "null"])
def test_own_pages_cost_nothing(stale: Client, settings: Any, origin: str | None) -> None:
    """The site's own pages are told what they always were, and what the site lists is not even asked for."""
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = None
    settings.OTP_PASSKEYS_RELYING_PARTY = None if origin == "null" else f"{__name__}.unasked"
    headers = {} if origin is None else {"Origin": origin, "Referer": f"{OWN}/passkeys/"}
    assert refused(stale, headers) == AS_EVER


def unasked(request: HttpRequest) -> RelyingParty:
    raise AssertionError("the relying party was asked")


@pytest.mark.parametrize("host", ["example.com", "testserver"])
def test_own_pages_behind_a_proxy(stale: Client, settings: Any, host: str) -> None:
    """S6.8: a proxy leaves the port out, or renames the host. The site's own pages were led to that address."""
    own = "https://example.com:8443"
    settings.OTP_PASSKEYS_RP_ID, settings.OTP_PASSKEYS_ALLOWED_ORIGINS = "example.com", [own]
    headers = {"Host": host, "Origin": own, "Referer": f"{own}/", "Sec-Fetch-Site": "same-origin"}
    assert refused(stale, headers) == AS_EVER


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize(
    ("host", "secure", "reached"),
    [
        ("testserver", False, OWN),  # behind a proxy that ends TLS
        ("Testserver:443", False, OWN),
        ("localhost:8000", False, "http://localhost:8000"),
        ("localhost:8000", True, "https://localhost:8000"),
        ("example.com:8443", False, "https://example.com:8443"),
    ],
)
def test_as_the_site_is_reached(host: str, secure: bool, reached: str, stale: Client) -> None:
    """S6.8, F3: the scheme is that of the relying party's origins, whatever a proxy makes of the request's."""
    address = refused(stale, {"Origin": APP, "Host": host}, secure=secure)
    assert address == reached + asks(PAGE, f"{APP}/")


def by_host(request: HttpRequest) -> RelyingParty:
    """Return the relying party of a site that has a front end for each of its hosts."""
    host = request.get_host()
    return RelyingParty(host, host, (f"https://{host}", f"https://app.{host}"))


def test_callable(stale: Client, settings: Any) -> None:
    """T26: what the site's callable lists for this host, and for no other."""
    settings.OTP_PASSKEYS_RELYING_PARTY = by_host
    mine = "https://app.testserver"
    assert refused(stale, {"Origin": mine}) == OWN + asks(PAGE, f"{mine}/")
    assert refused(stale, {"Origin": APP}) == AS_EVER
    settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: None
    assert refused(stale, {"Origin": mine}) == AS_EVER


def test_derived_origins_are_not_listed(stale: Client, settings: Any) -> None:
    """T27, F2: behind a wildcard the RP ID has an origin of its own, which the site did not list."""
    settings.ALLOWED_HOSTS = [".example.com", "testserver"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    assert refused(stale, {"Origin": "https://example.com"}) == AS_EVER
    response = give(stale, password=PASSWORD, next="https://example.com/", secure=True)
    assert response.headers["Location"] == "/"


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("origin", [APP, OWN])
def test_script_that_stays(alice: User, stale: Client, origin: str) -> None:
    """S4.10: what a script is told to go to is absolute too, where its page is elsewhere."""
    site = OWN if origin == APP else ""
    body: dict[str, Any] = {"way": "password", "password": PASSWORD}

    def sent(page: str = PAGE, **more: str) -> Any:
        headers = {"Origin": origin, "Accept": "application/json"}
        options: dict[str, Any] = {"secure": True, "headers": headers}
        answer = stale.post(page, body | more, content_type="application/json", **options)
        return answer.json()["redirect_url"]

    assert sent() == f"{site}/home/"
    assert sent(next=f"{APP}/settings") == f"{APP}/settings"
    assert sent(next="home/") == "home/"
    stored_passkey(alice, second_step_only=True)
    grow_old(stale)
    assert sent(BY_PASSKEY, next=f"{APP}/") == site + asks(BY_PASSKEY, f"{APP}/")


TARGETS = [APP, f"{APP}/", f"{APP}/a?b=c#d", "HTTPS://App.Example.com:443/x"]
NO_TARGETS = [
    *(f"{origin}/" for origin in SIMILAR),
    f"\t{APP}/",
    f"{APP}\n/",
    f"{APP}\\.evil.example/",
    f"{APP}/\u2028",
    f"https:\\\\{APP.removeprefix('https://')}/",
]


@pytest.mark.each_set
@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("target", [*TARGETS, *NO_TARGETS])
def test_next(alice: User, stale: Client, target: str) -> None:
    """S4.10, T17, F1: `next` may lead to the listed origin, from the page that asks and from the sign-in page."""
    expected = target if target in TARGETS else "/home/"
    response = give(stale, page=asks(PAGE, target), password=PASSWORD, secure=True)
    assert response.headers["Location"] == expected
    page = f"/passkeys/sign-in/?{urlencode({'next': target})}"
    data = {"username": "alice", "password": PASSWORD}
    response = Client().post(page, data, secure=True)
    assert (response.status_code, response.headers["Location"]) == (302, expected)


@pytest.mark.usefixtures("front_end")
@pytest.mark.parametrize("target", TARGETS[:1] + NO_TARGETS[:2])
def test_next_of_a_passkey(passkey: Passkey, authenticator: Authenticator, target: str) -> None:
    """S4.10, T17, F1: so may that of a sign-in with a passkey."""
    expected = target if target in TARGETS else "/home/"
    assert sign_in(Client(), authenticator, next=target).json() == {"redirect_url": expected}


@pytest.mark.usefixtures("front_end")
def test_visitor(alice: User) -> None:
    """S1.12: a visitor signs in on the site, and comes back to the front end."""
    page = f"{APP}/settings"
    visitor = Client()
    address = refused(visitor, {"Origin": APP, "Referer": page})
    assert address == OWN + asks(PAGE, page)
    response = visitor.get(address, secure=True)
    assert response.headers["Location"] == f"/passkeys/sign-in/?next={quote(page)}"
    html = visitor.get(response.headers["Location"], secure=True).content.decode()
    assert f'next="{page}"' in html
    data = {"username": "alice", "password": PASSWORD}
    response = visitor.post(response.headers["Location"], data, secure=True)
    assert response.headers["Location"] == page


@pytest.mark.usefixtures("front_end")
def test_cancel_leads_back(stale: Client) -> None:
    """S4.3: the page that asks does not take a front end's page for one of the app's own, and "Cancel" leads there."""
    for page in (f"{APP}/passkeys/", f"{APP}/#otp-passkeys-add"):
        response = stale.get(asks(PAGE, page), secure=True)
        assert response.context["purpose"] is None
        assert response.context["way_out"] == page
    assert stale.get(asks(PAGE, "/passkeys/"), secure=True).context["purpose"] == "list"
