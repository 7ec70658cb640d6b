"""The CSRF token is asked for at every address that takes POST, whatever site and body are like."""

import json
from itertools import cycle, product
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import Client
from django.views.debug import SafeExceptionReporterFilter

from otp_passkeys.models import Passkey

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, csrf_secret
from ..sampling import taking_turns
from .requests import FORM, JSON, MULTIPART, POSTING, part, path_of, post, state

DJANGOS = "django.middleware.csrf.CsrfViewMiddleware"
ORIGIN = {"HTTP_ORIGIN": "https://testserver"}
WORDS = b"CSRF verification failed"
# A form over TLS without an Origin needs a Referer of the site.
FOREIGN: list[dict[str, str]] = [
    {"HTTP_ORIGIN": "https://evil.example"},
    {"HTTP_ORIGIN": "http://testserver"},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_ORIGIN": "https://evil.example", "HTTP_REFERER": "https://testserver/"},
    {},
    {"HTTP_REFERER": "https://evil.example/"},
    {"HTTP_REFERER": "http://testserver/"},
    {"HTTP_REFERER": "https://testserver.evil.example/"},
    {"HTTP_REFERER": "https://["},
]


class Strict(CsrfViewMiddleware):
    """A site's own, which also asks browsers where a request comes from."""

    def process_view(self, request: HttpRequest, callback: Any, *arguments: Any) -> Any:
        exempt = getattr(callback, "csrf_exempt", False)
        if not exempt and request.headers.get("Sec-Fetch-Site") == "cross-site":
            return HttpResponse("from elsewhere", status=403)
        return super().process_view(request, callback, *arguments)


class Trusting(CsrfViewMiddleware):
    """A site's own, which has its partners from elsewhere than the setting."""

    allowed_origins_exact = {"https://partner.example"}


class Failing(CsrfViewMiddleware):
    """A site's own, which has a fault."""

    def process_view(self, request: HttpRequest, callback: Any, *arguments: Any) -> Any:
        if request.method == "POST" and not getattr(callback, "csrf_exempt", False):
            raise RuntimeError("a fault")
        return super().process_view(request, callback, *arguments)


def plain(get_response: Any) -> Any:
    """Do nothing: a middleware that is no class."""
    return get_response


SITES = ["middleware", "no middleware", "extended"]


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, settings: Any) -> None:
    """Have Django's middleware, none, or one that the site has made of it."""
    others = [path for path in settings.MIDDLEWARE if path != DJANGOS]
    own = f"{__name__}.Strict"
    chosen = {"middleware": [DJANGOS], "no middleware": [], "extended": [own]}
    # After the sessions, where the secret may be.
    settings.MIDDLEWARE = [*others[:3], f"{__name__}.plain", *chosen[request.param], *others[3:]]


@pytest.fixture(params=[False, True], ids=["cookie", "CSRF_USE_SESSIONS"])
def secret(request: pytest.FixtureRequest, settings: Any) -> None:
    """Keep the secret in a cookie, or in the session."""
    settings.CSRF_USE_SESSIONS = request.param


# Each address on the six kinds of sites, which take turns.
on_each_kind = pytest.mark.parametrize(
    ("name", "site", "secret"),
    [(name, *kind) for name, kind in taking_turns(POSTING, [*product(SITES, [False, True])])],
    indirect=["site", "secret"],
)


def token_of(client: Client) -> str:
    """Return the token that a page of the site has."""
    page = client.get("/passkeys/reauthenticate/", secure=True)
    return get_token(page.wsgi_request)


def bodies(token: str | None) -> list[tuple[bytes, str, dict[str, str]]]:
    """Return a body of each type with a token, or with none; in forms it is a field, elsewhere a header."""
    header = {} if token is None else {"HTTP_X_CSRFTOKEN": token}
    field = {} if token is None else {"csrfmiddlewaretoken": token}
    in_parts = part("csrfmiddlewaretoken", (token or "").encode()) if token else part("a", b"")
    return [
        (json.dumps(field).encode(), JSON, header),  # in JSON a member is no token
        (urlencode(field).encode(), FORM, {}),
        (in_parts, MULTIPART, {}),
        (b"", "", header),
    ]


def is_turned_away(response: Any) -> bool:
    """Say whether it is the page of a failed CSRF check."""
    return response.status_code == 403 and WORDS in response.content


@pytest.mark.usefixtures("site", "secret")
@pytest.mark.parametrize("name", POSTING)
def test_is_demanded(alice: User, eve: User, signed_in: SignedIn, name: str) -> None:
    """S1.12, P3, T15: no token, a wrong one, or one of another browser is 403 and changes nothing."""
    stored_passkey(alice)
    client, hers = signed_in(alice, enforce_csrf_checks=True), signed_in(eve)
    token_of(client)
    before = state(alice)
    for token in (None, "x" * 32, token_of(hers)):
        if name == "sign-in":  # nobody is signed in there as a rule
            client.get("/passkeys/sign-in/?other=1", secure=True)
        for data, content_type, meta in bodies(token):
            response = post(client, name, data, content_type, **meta, **ORIGIN)
            assert is_turned_away(response), (token, content_type, response.status_code)
    assert state(alice) == before


@pytest.mark.in_turn
@on_each_kind
@pytest.mark.usefixtures("site", "secret")
def test_is_enough(alice: User, signed_in: SignedIn, name: str) -> None:
    """A token lets a request through, in a header or in the field of a form."""
    for number in range(len(bodies(""))):
        Passkey.objects.all().delete()
        stored_passkey(alice)
        alice.refresh_from_db()
        client = signed_in(alice, enforce_csrf_checks=True)
        data, content_type, meta = bodies(token_of(client))[number]
        response = post(client, name, data, content_type, **meta, **ORIGIN)
        assert not is_turned_away(response), content_type
        assert response.status_code < 500


@pytest.mark.in_turn
@on_each_kind
@pytest.mark.usefixtures("site", "secret")
def test_foreign_pages(alice: User, signed_in: SignedIn, name: str) -> None:
    """T15: over TLS a page of another site is turned away even if it has the token."""
    stored_passkey(alice)
    client = signed_in(alice, enforce_csrf_checks=True)
    token = token_of(client)
    before = state(alice)
    for meta, (data, content_type, more) in zip(FOREIGN, cycle(bodies(token)), strict=False):
        response = post(client, name, data, content_type, **meta, **more)
        assert is_turned_away(response), (meta, content_type)
    assert state(alice) == before


@pytest.mark.parametrize("name", POSTING)
def test_other_methods(alice: User, signed_in: SignedIn, name: str) -> None:
    """T15: whatever is no safe method needs the token too, before it is told that it is not taken."""
    stored_passkey(alice)
    client = signed_in(alice, enforce_csrf_checks=True)
    meta = {"HTTP_X_CSRFTOKEN": token_of(client), **ORIGIN}
    for method in ("PUT", "PATCH", "DELETE", "PROPFIND"):
        assert client.generic(method, path_of(name), b"{}", JSON, secure=True).status_code == 403
        response = client.generic(method, path_of(name), b"{}", JSON, secure=True, **meta)  # type: ignore[arg-type]
        # Django's sign-in page takes PUT for POST.
        assert response.status_code == (422 if (name, method) == ("sign-in", "PUT") else 405)
        assert set(response.json()) == {"detail", "code"}


@pytest.mark.parametrize("name", POSTING)
def test_a_middleware_of_the_site(
    alice: User, signed_in: SignedIn, settings: Any, name: str
) -> None:
    """T15: what a site has made of Django's middleware is what judges, be it stricter or not."""
    for own, meta, is_let_in in (
        ("Strict", {**ORIGIN, "HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ("Strict", ORIGIN, True),
        ("Trusting", {"HTTP_ORIGIN": "https://partner.example"}, True),
        ("Trusting", {"HTTP_ORIGIN": "https://evil.example"}, False),
    ):
        path = f"{__name__}.{own}"
        settings.MIDDLEWARE = [path if one == DJANGOS else one for one in settings.MIDDLEWARE]
        Passkey.objects.all().delete()
        stored_passkey(alice)
        alice.refresh_from_db()
        client = signed_in(alice, enforce_csrf_checks=True)
        token = {"HTTP_X_CSRFTOKEN": token_of(client)}
        response = post(client, name, b"x", "text/plain", **token, **meta)
        assert (response.status_code != 403) is is_let_in, (own, meta, response.content)
        settings.MIDDLEWARE = [DJANGOS if one == path else one for one in settings.MIDDLEWARE]


@pytest.mark.usefixtures("site")
def test_the_cookie_comes_with_the_page(alice: User) -> None:
    """Without the middleware too, the page with the form brings the cookie to its token."""
    client = Client(enforce_csrf_checks=True)
    page = client.get("/passkeys/sign-in/", secure=True)
    assert csrf_secret(client)
    fields = {
        "username": "alice",
        "password": "x",
        "csrfmiddlewaretoken": page.context["csrf_token"],
    }
    assert (
        client.post(
            "/passkeys/sign-in/", fields, secure=True, headers={"Origin": "https://testserver"}
        ).status_code
        == 200
    )


def test_a_report_names_no_password(alice: User, settings: Any) -> None:
    """T24: what fails while the token is looked for is reported without what was posted."""
    settings.MIDDLEWARE = [
        f"{__name__}.Failing" if path == DJANGOS else path for path in settings.MIDDLEWARE
    ]
    reported: list[HttpRequest] = []

    def note(sender: object, request: HttpRequest, **_: Any) -> None:
        reported.append(request)

    got_request_exception.connect(note)
    try:
        with pytest.raises(RuntimeError):
            Client().post("/passkeys/sign-in/", {"username": "alice", "password": "secret"})
    finally:
        got_request_exception.disconnect(note)
    (request,) = reported
    parameters = SafeExceptionReporterFilter().get_post_parameters(request)
    assert "secret" not in str(parameters)
