"""A site below a sub-path: the addresses in pages and answers, through the handler of a real server."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import set_script_prefix

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..helpers.steps import ORIGIN, SignedIn, enrol

Ask = Callable[..., "Answer"]


class Answer:
    """What the server sent."""

    def __init__(self, status: str, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.text = int(status.split()[0]), headers, body.decode()

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.text)


# With real commits: the handler closes connections that are within a transaction, as a test's are.
@pytest.fixture(params=["SCRIPT_NAME", "FORCE_SCRIPT_NAME"])
def ask(request: pytest.FixtureRequest, settings: Any, transactional_db: None) -> Iterator[Ask]:
    """Return a function that asks the site below /shop, as a server does by WSGI."""
    settings.STATIC_URL = "static/"
    environ = {"SCRIPT_NAME": "/shop"}
    if request.param == "FORCE_SCRIPT_NAME":
        settings.FORCE_SCRIPT_NAME = "/shop"
        environ = {"SCRIPT_NAME": ""}

    def ask(browser: Client, path: str, body: object = None, **more: str) -> Answer:
        sent = b"" if body is None else json.dumps(body).encode()
        request = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": path,
            "HTTP_HOST": "testserver",
            "HTTP_ORIGIN": ORIGIN,
            "wsgi.url_scheme": "https",
            "HTTP_COOKIE": "; ".join(f"{k}={one.value}" for k, one in browser.cookies.items()),
            "CONTENT_TYPE": "" if body is None else "application/json",
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent),
            **environ,
            **more,
        }
        setup_testing_defaults(request)
        begun: list[Any] = []
        answer = WSGIHandler()(request, lambda *begin: begun.extend(begin))
        content = b"".join(answer)
        answer.close()
        for name, value in begun[1]:
            if name == "Set-Cookie":
                browser.cookies.load(value)
        return Answer(begun[0], dict(begun[1]), content)

    yield ask
    set_script_prefix("/")  # the handler leaves the prefix of the last request behind


@pytest.fixture
def browser(alice: User, signed_in: SignedIn, authenticator: Authenticator, ask: Ask) -> Client:
    """Return the browser of alice, who has a passkey and whose sync is due."""
    client = signed_in(alice)
    enrol(client, authenticator)
    return client


def test_tag(browser: Client, ask: Ask) -> None:
    """S0.2: the tag names its script and its address below the sub-path, and the address answers."""
    page = ask(browser, "/tagged/")
    assert page.status == 200
    assert 'url="/shop/passkeys/sync/"' in page.text
    assert 'src="/shop/static/otp_passkeys/sync.js"' in page.text
    payload = ask(browser, "/passkeys/sync/").json()
    assert payload["allAcceptedCredentialIds"] == [Passkey.objects.get().id_base64url]
    report = {"token": payload["token"]}
    assert ask(browser, "/passkeys/sync/", report).status == 403
    assert "otp-passkey-sync" in ask(browser, "/tagged/").text
    browser.cookies["csrftoken"] = token = payload["csrfToken"]
    assert ask(browser, "/passkeys/sync/", report, HTTP_X_CSRFTOKEN=token).status == 204
    assert "otp-passkey-sync" not in ask(browser, "/tagged/").text


@pytest.mark.usefixtures("browser")
def test_sign_in(authenticator: Authenticator, ask: Ask, settings: Any) -> None:
    """S0.6: a passkey signs in below the sub-path, and leads to a page that is there."""
    settings.LOGIN_REDIRECT_URL = "tagged"
    visitor, token = Client(), "t" * 32
    visitor.cookies["csrftoken"] = token
    options = ask(visitor, "/passkeys/authenticate/options/", {}, HTTP_X_CSRFTOKEN=token).json()
    body = {"credential": authenticator.get(options)}
    answer = ask(visitor, "/passkeys/authenticate/", body, HTTP_X_CSRFTOKEN=token)
    assert answer.json() == {"redirect_url": "/shop/tagged/"}


def test_list(browser: Client, ask: Ask) -> None:
    """S1.17: the addresses in the JSON list are below the sub-path."""
    [row] = ask(browser, "/passkeys/", HTTP_ACCEPT="application/json").json()["passkeys"]
    key = Passkey.objects.get().pk
    assert row["rename_url"] == f"/shop/passkeys/{key}/rename/"
    assert row["delete_url"] == f"/shop/passkeys/{key}/delete/"
    icons = row["provider"]["icon_light"], row["provider"]["icon_dark"]
    assert all(icon.startswith("/shop/passkeys/icons/") for icon in icons)


@pytest.mark.parametrize("path", ["/passkeys/", "/passkeys/sign-in/"])
def test_pages(browser: Client, ask: Ask, path: str) -> None:
    """S1.1: no address in the ready pages leaves the sub-path."""
    page = ask(browser, path)
    assert page.status == 200
    found = re.findall(r'[-a-z]*(?:url|href|src|srcset|action)="(/[^"]*)"', page.text)
    assert "/shop/passkeys/sync/" in found
    assert not [address for address in found if not address.startswith("/shop/")]


def test_redirect(ask: Ask) -> None:
    """S1.12: a visitor is sent to the sign-in page below the sub-path, and back to it afterwards."""
    answer = ask(Client(), "/passkeys/")
    assert answer.status == 302
    assert answer.headers["Location"] == "/shop/passkeys/sign-in/?next=/shop/passkeys/"
    assert ask(Client(), "/passkeys/", HTTP_ACCEPT="application/json").status == 401


def test_page_that_asks_knows_the_others(browser: Client, ask: Ask) -> None:
    """S6.8, S4.3: below the path it is known where a user goes afterwards, and how to leave."""
    address = "/passkeys/reauthenticate/"
    page = ask(browser, address, QUERY_STRING="next=/shop/passkeys/7/delete/").text
    assert "To delete a passkey, confirm it’s you." in page
    assert 'href="/shop/passkeys/">Cancel</a>' in page
    page = ask(browser, address, QUERY_STRING="next=/passkeys/7/delete/").text
    assert "To continue, confirm it’s you." in page
