"""The sync tag on the pages of a site where something is unusual: errors, caches, other settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.test import Client
from django.urls import include, path
from django.views.decorators.cache import cache_page

from otp_passkeys.sync import is_due
from otp_passkeys.testing import Authenticator, register

from ..helpers.steps import SignedIn
from ..helpers.sync import fetch, is_flagged, page_syncs, report, settle

ELEMENT = b"<otp-passkey-sync"
LOAD = "{% load otp_passkeys cache %}"
TAG = "{% render_otp_webauthn_sync_signals_scripts %}"
FILES = {
    "site.html": LOAD + "<body>{% block content %}{% endblock %}" + TAG,
    "500.html": "{% extends 'site.html' %}{% block content %}sorry{% endblock %}",
    "400.html": "{% extends 'site.html' %}{% block content %}refused{% endblock %}",
    "cached.html": LOAD + "{% cache 60 foot %}" + TAG + "{% endcache %}",
    "fails.html": LOAD + TAG + "{% include 'missing.html' %}",
}


def refuse_early(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Refuse a request before there is a session, as a firewall of a site does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/refused/":
            raise SuspiciousOperation
        return get_response(request)

    return middleware


def raises(request: HttpRequest) -> HttpResponse:
    """Fail as a site's own view does."""
    raise RuntimeError


def rescues(request: HttpRequest) -> HttpResponse:
    """Show a plain page where the template fails, so that Django stores the session as usual."""
    try:
        return render(request, "fails.html")
    except TemplateDoesNotExist:
        return HttpResponse("sorry")


def page(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """Return a view of one of the templates above."""
    return lambda request: render(request, name)


def handler500(request: HttpRequest) -> HttpResponse:
    """Render the error page with the request, as many sites do."""
    return render(request, "500.html", status=500)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Render the error page with the request, as many sites do."""
    return render(request, "400.html", status=400)


urlpatterns = [
    path("", include("tests.urls")),
    path("raises/", raises),
    path("site/", page("site.html")),
    path("cached/", page("cached.html")),
    path("cached-page/", cache_page(60)(page("site.html"))),
    path("fails/", page("fails.html")),
    path("rescues/", rescues),
]


class OwnHandlers:
    """An URLconf with error pages that know the request."""

    urlpatterns = urlpatterns
    handler500 = staticmethod(handler500)
    handler400 = staticmethod(handler400)


class DefaultHandlers:
    """An URLconf with Django's own error pages, which know no request."""

    urlpatterns = urlpatterns


@pytest.fixture(autouse=True)
def templates(tmp_path: Path, settings: Any) -> None:
    """Give the site the templates above, with Django's own error pages."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], tmp_path]}]
    settings.ROOT_URLCONF = DefaultHandlers


@pytest.mark.parametrize("handlers", [DefaultHandlers, OwnHandlers])
def test_server_error(alice: User, signed_in: SignedIn, settings: Any, handlers: type) -> None:
    """S0.21: the site's 500.html, extending its base, is served, and the flag stands."""
    settings.ROOT_URLCONF = handlers
    client = signed_in(alice)
    client.raise_request_exception = False
    answer = client.get("/raises/")
    assert (answer.status_code, b"sorry" in answer.content) == (500, True)
    assert is_flagged(client)
    assert page_syncs(client)


@pytest.mark.parametrize("handlers", [DefaultHandlers, OwnHandlers])
@pytest.mark.parametrize(
    ("address", "headers"), [("/site/", {"host": "evil.example"}), ("/refused/", {})]
)
def test_refused_early(
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    handlers: type,
    address: str,
    headers: dict[str, str],
) -> None:
    """S0.21: a 400 raised before authentication, or before the session, has its page."""
    settings.ROOT_URLCONF = handlers
    settings.MIDDLEWARE = [f"{__name__}.refuse_early", *settings.MIDDLEWARE]
    client = signed_in(alice)
    answer = client.get(address, headers=headers)
    assert (answer.status_code, b"refused" in answer.content) == (400, True)
    assert is_flagged(client)


@pytest.mark.parametrize(("address", "status"), [("/fails/", 500), ("/rescues/", 200)])
def test_error_after_the_tag(alice: User, signed_in: SignedIn, address: str, status: int) -> None:
    """S0.10, Y5: a template that fails after the tag was rendered leaves the flag and the session."""
    client = signed_in(alice)
    client.raise_request_exception = False
    before = dict(client.session)
    answer = client.get(address)
    rendered = {template.name for template in answer.templates}
    assert "otp_passkeys/includes/sync.html" in rendered
    assert (answer.status_code, ELEMENT in answer.content) == (status, False)
    assert dict(client.session) == before
    assert page_syncs(client)


@pytest.mark.parametrize("address", ["/cached/", "/cached-page/"])
def test_cached(alice: User, bob: User, signed_in: SignedIn, address: str) -> None:
    """Y2, Y3: who is served alice's page from a cache gets nothing of hers, and signals nothing of hers."""
    client = signed_in(alice)
    assert register(client, Authenticator()).status_code == 201
    hers = fetch(client)
    first = client.get(address).content
    assert ELEMENT in first
    secrets = [hers["userId"], *hers["allAcceptedCredentialIds"], hers["token"], "alice"]
    assert not [secret for secret in secrets if secret.encode() in first]
    visitor = Client()
    visitor.get(address)
    answer = visitor.get("/passkeys/sync/")
    assert (answer.status_code, answer.content) == (204, b"")
    other = signed_in(bob)
    other.get(address)
    assert "userId" not in fetch(other)
    assert is_flagged(client)


@pytest.mark.parametrize("engine", ["db", "cache", "cached_db", "file", "signed_cookies"])
def test_session_engines(
    alice: User, signed_in: SignedIn, settings: Any, engine: str, tmp_path: Path
) -> None:
    """S0.5, S0.10: the flag is raised, seen and cleared in every kind of session that Django has."""
    settings.SESSION_FILE_PATH = str(tmp_path)
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    client = signed_in(alice)
    assert page_syncs(client)
    settle(client)
    assert not page_syncs(client)


@pytest.mark.parametrize(
    "setting", [{}, {"CSRF_USE_SESSIONS": True}, {"CSRF_COOKIE_HTTPONLY": True}]
)
def test_csrf_settings(
    alice: User, signed_in: SignedIn, settings: Any, setting: dict[str, bool]
) -> None:
    """S0.10, P3: the report passes CSRF checks by the token of the answer, wherever it is kept."""
    for name, value in setting.items():
        setattr(settings, name, value)
    client = signed_in(alice, enforce_csrf_checks=True)
    payload = fetch(client)
    assert report(client, payload["token"]) == 403
    answer = client.post(
        "/passkeys/sync/",
        {"token": payload["token"]},
        content_type="application/json",
        headers={"X-CSRFToken": payload["csrfToken"]},
    )
    assert answer.status_code == 204
    assert not is_flagged(client)


def test_static_files_elsewhere(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """S0.2: the module is loaded from where the static files are; what it asks stays here."""
    settings.STATIC_URL = "https://static.example.net/"
    text = signed_in(alice).get("/site/").content.decode()
    assert 'src="https://static.example.net/otp_passkeys/sync.js"' in text
    assert 'url="/passkeys/sync/"' in text


@pytest.mark.parametrize("request_like", [None, object()])
def test_page_without_a_request(request_like: object) -> None:
    """A template that is rendered with no request, or with something else of that name, has no tag."""
    assert not is_due(request_like)  # type: ignore[arg-type]
