"""No tag raises on a page of the site (S6.13): on another host, in an async view, without what it needs."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.base import SessionBase
from django.db import Error, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template, engines
from django.test import AsyncClient, Client, RequestFactory
from django.urls import include, path

from otp_passkeys import usable
from otp_passkeys.models import Passkey
from otp_passkeys.templatetags import otp_passkeys as library

from ..conftest import PASSWORD
from ..helpers.docs import DOCS

BASE = ["render_otp_webauthn_sync_signals_scripts", "passkey_offer", "passkey_offer upgrade=False"]
ELSEWHERE = [
    "passkey_panel", "passkey_sign_in", "passkey_sign_in next='/x/'", "passkey_icon passkey",
    "passkey_details passkey", "passkey_controls passkey", "passkey_addresses",
]  # fmt: skip
WITHOUT_ADDRESSES = ["passkey_assets 'otp_passkeys.css' 'panel.js'", "passkey_here as here"]
TAGS = [*BASE, *ELSEWHERE, *WITHOUT_ADDRESSES]
each = pytest.mark.parametrize("tag", TAGS)


def html(tag: str, request: HttpRequest | None = None, **variables: Any) -> str:
    """Render a page of the site with a tag in it."""
    source = "{% load otp_passkeys %}before,{% " + tag + " %},after"
    variables = {"passkey": Passkey(pk=7, rp_id="testserver"), **variables}
    text = str(engines["django"].from_string(source).render(variables, request))
    assert text.startswith("before,")
    assert text.endswith(",after")
    return text.removeprefix("before,").removesuffix(",after").strip()


def page(request: HttpRequest) -> HttpResponse:
    """Render a page in a view of the site."""
    return HttpResponse(html(request.GET["tag"], request))


async def async_page(request: HttpRequest) -> HttpResponse:
    """Render it in an async view, and in its own thread."""
    return HttpResponse(html(request.GET["tag"], request))


class Shop:
    """The URLconf of a host without the app."""

    urlpatterns: list[Any] = [path("page/", page), path("async-page/", async_page)]


class Office(Shop):
    """The URLconf of the host with the app."""

    urlpatterns = [*Shop.urlpatterns, path("", include("tests.urls"))]


class Hosts:
    """Choose the URLconf by the host, as django-hosts does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        shop = request.get_host() == "shop.example.com"
        request.urlconf = Shop if shop else Office  # type: ignore[assignment]
        return self.get_response(request)


@pytest.fixture
def browser(alice: User, settings: Any) -> Client:
    """Return the browser of a user for whom a sync and an offer are due, on a site with two hosts."""
    settings.MIDDLEWARE = [f"{__name__}.Hosts", *settings.MIDDLEWARE]
    settings.ALLOWED_HOSTS = ["testserver", "shop.example.com"]
    client = Client()
    fields = {"username": "alice", "password": PASSWORD}
    assert client.post("/passkeys/sign-in/", fields).status_code == 302
    return client


def lines(log: pytest.LogCaptureFixture) -> list[str]:
    """Return what the app has logged."""
    return [record.getMessage() for record in log.records if record.name == "otp_passkeys"]


@each
def test_host_without_the_app(browser: Client, tag: str, caplog: pytest.LogCaptureFixture) -> None:
    """S6.13: on a host whose URLconf lacks the app, the page is there, and what needs its addresses is not.

    The log says so of a tag that somebody put on that page, and not of those in the base template.
    """
    shown = browser.get("/page/", {"tag": tag})
    assert (shown.status_code, bool(shown.content)) == (200, tag != "passkey_here as here")
    there = browser.get("/page/", {"tag": tag}, headers={"Host": "shop.example.com"})
    assert there.status_code == 200
    assert bool(there.content) is (tag in WITHOUT_ADDRESSES[:1])
    name = tag.split()[0]
    told = [f"{{% {name} %}} rendered nothing."] if tag in ELSEWHERE else []
    assert lines(caplog) == told


@each
def test_visitor(browser: Client, tag: str) -> None:
    """S6.13: nor does a visitor get an error there."""
    for host in ("testserver", "shop.example.com"):
        answer = Client().get("/page/", {"tag": tag}, headers={"Host": host})
        assert answer.status_code == 200


@each
@pytest.mark.django_db(transaction=True)
def test_async_view(browser: Client, tag: str) -> None:
    """S6.13: an async view that renders in its own thread, where no database may be asked, has its page."""

    async def scenario() -> int:
        client = AsyncClient()
        client.cookies = browser.cookies
        return (await client.get("/async-page/", {"tag": tag})).status_code

    assert async_to_sync(scenario)() == 200


@each
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"request": None},
        {"request": ""},
        {"request": SimpleNamespace(user=User(pk=1), pk=5)},  # a variable of the page's own
        {"request": HttpRequest()},
        {"request": RequestFactory().get("/")},
        {"request": RequestFactory().get("/", headers={"Host": "evil.test"})},
        {"passkey": None},
        {"passkey": ""},
    ],
    ids=["nothing", "None", "text", "own", "bare", "made", "forged", "no passkey", "text"],
)
def test_without_a_request(tag: str, variables: dict[str, Any]) -> None:
    """S6.13: without a request, or with a thing that is none, the page is rendered."""
    source = "{% load otp_passkeys %}before,{% " + tag + " %},after"
    variables = {"passkey": Passkey(pk=7, rp_id="testserver"), **variables}
    for library_name in ("otp_passkeys", "otp_webauthn"):
        text = Template(source.replace("otp_passkeys", library_name, 1)).render(Context(variables))
        assert text.startswith("before,")
        assert text.endswith(",after")


@each
def test_variable_of_the_pages_own(alice: User, caplog: pytest.LogCaptureFixture, tag: str) -> None:
    """S6.13: a page whose variable ``request`` is something else has no request, and no error in the log."""
    source = "{% load otp_passkeys %}{% " + tag + " %}"
    request = SimpleNamespace(user=alice, COOKIES={"sessionid": "x"}, GET={})
    Template(source).render(Context({"request": request, "passkey": Passkey(pk=7)}))
    assert lines(caplog) == []


def broken(request: HttpRequest) -> None:
    """Stand for a callable of a site that fails."""
    raise LookupError("no such tenant")


@each
@pytest.mark.parametrize("named", [f"{__name__}.broken", "no.such.module.callable"])
def test_broken_callable(
    browser: Client, settings: Any, caplog: pytest.LogCaptureFixture, tag: str, named: str
) -> None:
    """S6.13: the site's own callable that fails, or is not there, breaks no page of the site."""
    settings.OTP_PASSKEYS_RELYING_PARTY = named
    assert browser.get("/page/", {"tag": tag}).status_code == 200
    asks = tag.startswith(("passkey_panel", "passkey_sign_in", "passkey_here"))
    assert bool(lines(caplog)) is asks


@each
def test_file_that_was_not_collected(
    browser: Client, settings: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture, tag: str
) -> None:
    """S6.13: after an upgrade without ``collectstatic`` pages stand, and the log says what is missing."""
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}
    assert browser.get("/page/", {"tag": tag}).status_code == 200
    if tag.startswith("passkey_assets"):
        assert lines(caplog) == ["{% passkey_assets %} rendered nothing."]
        assert "otp_passkeys.css" in caplog.text


@pytest.mark.parametrize("tag", BASE)
@pytest.mark.parametrize(
    ("host", "mistake"),
    [
        ("testserver", '{% url "no-such-name" %}'),
        ("testserver", '{% include "no-such-name" %}'),
        ("shop.example.com", '{% include "no-such-name" %}'),
    ],
)
def test_own_template_that_fails(
    browser: Client,
    settings: Any,
    tmp_path: Any,
    caplog: pytest.LogCaptureFixture,
    tag: str,
    host: str,
    mistake: str,
) -> None:
    """S6.13: an override with a wrong name is in the log, although another host's URLconf is not."""
    folder = tmp_path / "otp_passkeys" / "includes"
    folder.mkdir(parents=True)
    for name in ("sync", "offer"):
        (folder / f"{name}.html").write_text(mistake)
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [tmp_path, *engine["DIRS"]]}]
    assert browser.get("/page/", {"tag": tag}, headers={"Host": host}).content == b""
    assert lines(caplog) == [f"{{% {tag.split()[0]} %}} rendered nothing."]
    assert "no-such-name" in caplog.text


def test_database(alice: User, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """S6.13: an error of the database is the site's own: its page must not hide that a transaction is lost."""

    def fail(*_: object) -> list[Passkey]:
        raise OperationalError("gone")

    request = rf.get("/")
    request.user = alice
    monkeypatch.setattr(usable, "listed", fail)
    with pytest.raises(Error):
        html("passkey_panel", request)


@pytest.mark.parametrize("tag", BASE)
def test_session_of_the_database(rf: RequestFactory, tag: str) -> None:
    """S6.13: nor must the page of a session that the database failed to read, be it for the first time in the tag."""

    class Lost(SessionBase):
        def load(self) -> dict[str, Any]:
            raise OperationalError("canceling statement due to statement timeout")

    request = rf.get("/")
    request.COOKIES["sessionid"] = "x"
    request.session = Lost("x" * 32)
    with pytest.raises(OperationalError):
        html(tag, request)


@pytest.mark.parametrize("value", ["", "x", 7, [], AnonymousUser()])
def test_filter(value: object) -> None:
    """S6.13: a filter of a variable that is not there says nothing."""
    for name in ("passkey_last_used", "passkey_saved"):
        source = "{% load otp_passkeys %}{{ value|" + name + " }}"
        assert Template(source).render(Context({"value": value})) == ""


def test_all_tags() -> None:
    """Each tag of the library is tried here."""
    assert {tag.split()[0] for tag in TAGS} == set(library.register.tags)
    assert "rendered nothing" in (DOCS / "reference" / "log.rst").read_text()
