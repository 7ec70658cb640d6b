"""The how-to for a front end on another origin, with django-cors-headers: who may ask, and with which token."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import include, path

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.docs import example

API, APP, EVE = "https://api.example.com", "https://app.example.com", "https://eve.example.com"
JSON = "application/json"
PASSKEYS = "/passkeys/"
ALLOWED = "Access-Control-Allow-Origin"

urlpatterns = [path("csrf/", example("another_origin").csrf), path("", include("tests.urls"))]


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    """Run the site with what the how-to sets."""
    shown = vars(example("another_origin_settings"))
    for name in filter(str.isupper, shown):
        setattr(settings, name, shown[name])
    settings.ROOT_URLCONF = __name__
    settings.INSTALLED_APPS = ["corsheaders", *settings.INSTALLED_APPS]
    settings.MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", *settings.MIDDLEWARE]


class FrontEnd:
    """A page on an origin of its own, and the user's browser."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.client = Client(enforce_csrf_checks=True)

    def send(self, address: str, body: object = None, **headers: str) -> Any:
        """Send what a script does with `credentials: "include"`."""
        headers = {"Origin": self.origin, "Host": "api.example.com", "Accept": JSON} | headers
        options: dict[str, Any] = {"secure": True, "headers": headers}
        if body is None:
            return self.client.get(address, **options)
        return self.client.post(address, body, content_type=JSON, **options)

    def token(self) -> str:
        """Fetch the token."""
        return str(self.send("/csrf/").json()["csrfToken"])


def test_signs_in_and_adds(alice: User) -> None:
    """S4, T15, F6: a front end that is listed goes through its ceremonies with the token that it fetched."""
    app, authenticator = FrontEnd(APP), Authenticator(origin=APP)
    app.client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    token = app.token()
    options = app.send(f"{PASSKEYS}register/options/", {}, **{"X-CSRFToken": token})
    assert (options.status_code, options[ALLOWED]) == (200, APP)
    assert options["Access-Control-Allow-Credentials"] == "true"
    assert options.json()["rp"]["id"] == "example.com"
    body = {"credential": authenticator.create(options.json())}
    assert app.send(f"{PASSKEYS}register/", body, **{"X-CSRFToken": token}).status_code == 201

    visitor = FrontEnd(APP)
    token = visitor.token()
    options = visitor.send(f"{PASSKEYS}authenticate/options/", {}, **{"X-CSRFToken": token})
    body = {"credential": authenticator.get(options.json())}
    done = visitor.send(f"{PASSKEYS}authenticate/", body, **{"X-CSRFToken": token})
    assert done.json() == {"redirect_url": f"{API}/"}
    # A sign-in changes the token; the new one comes from the same view, and sync/ has one too.
    proof = {"way": "password", "password": PASSWORD}
    address = f"{PASSKEYS}reauthenticate/"
    assert visitor.send(address, proof, **{"X-CSRFToken": token}).status_code == 403
    for new in (visitor.token(), visitor.send(f"{PASSKEYS}sync/").json()["csrfToken"]):
        assert visitor.send(address, proof, **{"X-CSRFToken": new}).status_code == 200


def test_preflight() -> None:
    """S4: browsers may send JSON and the token from the front end, and from nowhere else."""
    for origin, allowed in ((APP, APP), (EVE, None)):
        headers = {
            "Origin": origin,
            "Host": "api.example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-csrftoken",
        }
        answer = Client().options(f"{PASSKEYS}register/options/", secure=True, headers=headers)
        assert answer.get(ALLOWED) == allowed
        if allowed:
            named = answer["Access-Control-Allow-Headers"].split(", ")
            assert {"accept", "content-type", "x-csrftoken"} <= set(named)


def test_unlisted(alice: User) -> None:
    """T15, Y3: another origin is told nothing, with the user's cookies and with a token that it should not have."""
    app, eve = FrontEnd(APP), FrontEnd(EVE)
    app.client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    token = app.token()
    eve.client.cookies = app.client.cookies
    for address in ("/csrf/", PASSKEYS, f"{PASSKEYS}sync/", f"{PASSKEYS}reauthenticate/"):
        assert ALLOWED in app.send(address)
        assert ALLOWED not in eve.send(address)
    assert eve.send(f"{PASSKEYS}sync/").content == b""
    answer = eve.send(f"{PASSKEYS}register/options/", {}, **{"X-CSRFToken": token})
    assert answer.status_code == 403
    assert not Passkey.objects.exists()


def test_token_is_not_kept() -> None:
    """F6: the view of the how-to answers each time anew, and before anybody signs in."""
    app = FrontEnd(APP)
    answer = app.send("/csrf/")
    assert "no-store" in answer["Cache-Control"]
    assert "origin" in answer["Vary"].lower()
