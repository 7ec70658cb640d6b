"""Views whose user no middleware has seen: a REST view, an async one, and the app's own pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt

from otp_passkeys import actions
from otp_passkeys.exceptions import PasskeyError
from otp_passkeys.models import Passkey

from .. import urls
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

OTP = "django_otp.middleware.OTPMiddleware"
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
TOKEN = {"Authorization": "Token alice"}


def _answer(begin: Callable[[], dict[str, Any]]) -> HttpResponse:
    try:
        return JsonResponse(begin())
    except PasskeyError as error:
        return JsonResponse({"code": error.code}, status=403)


def _user_of_token(request: HttpRequest) -> User:
    return User.objects.get(username=request.headers["Authorization"].removeprefix("Token "))


@csrf_exempt
def rest_view(request: HttpRequest) -> HttpResponse:
    """Begin a registration as a REST view does, for the user of a token."""
    request.user = _user_of_token(request)
    return _answer(lambda: actions.begin_registration(request))


@csrf_exempt
async def async_rest_view(request: HttpRequest) -> HttpResponse:
    """Do the same in an async view."""
    request.user = await sync_to_async(_user_of_token)(request)
    return await sync_to_async(_answer)(lambda: actions.begin_registration(request))


@csrf_exempt
async def async_view(request: HttpRequest) -> HttpResponse:
    """Begin a registration in an async view, for the user of the session."""
    return await sync_to_async(_answer)(lambda: actions.begin_registration(request))


urlpatterns = [
    *urls.urlpatterns,
    path("rest/", rest_view),
    path("rest/async/", async_rest_view),
    path("session/async/", async_view),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("without", [[], [OTP], [OTP, SESSION]])
def test_rest_view(alice: User, client: Client, settings: Any, without: list[str]) -> None:
    """P6: under the token the user is asked to confirm, whatever middleware the site has."""
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
    if SESSION not in without:
        settings.MIDDLEWARE += [SESSION, "django.contrib.auth.middleware.AuthenticationMiddleware"]
    if OTP not in without:
        settings.MIDDLEWARE += [OTP]
    response = client.post("/rest/", headers=TOKEN, secure=True)
    assert (response.status_code, response.json()["code"]) == (403, "reauthentication_required")


@pytest.mark.urls(__name__)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/rest/async/", "/session/async/"])
def test_async_views(alice: User, signed_in: SignedIn, address: str) -> None:
    """P6: the same in async views, which call the actions in a thread; a session with a proof gets its options."""
    client = AsyncClient()
    post = async_to_sync(client.post)
    assert post(address, headers=TOKEN, secure=True).status_code == 403
    there = signed_in(alice)
    client.cookies.load({name: one.value for name, one in there.cookies.items()})
    response = post(address, headers=TOKEN, secure=True)
    assert response.status_code == 200
    assert json.loads(response.content)["rp"]["id"] == "testserver"


class TakesUserFromHeader:
    """A middleware of a site that names the user of each request, after all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = _user_of_token(request)
        return self.get_response(request)


@pytest.mark.parametrize(
    "name", ["list", "reauthenticate", "reauthenticate-second-factor", "sync", "sign-in"]
)
def test_pages(alice: User, client: Client, settings: Any, name: str) -> None:
    """S6.13: the app's own pages take such a user too."""
    stored_passkey(alice)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.TakesUserFromHeader"]
    response = client.get(reverse(f"otp_passkeys:{name}"), headers=TOKEN, secure=True)
    assert response.status_code == 200
    pk = Passkey.objects.get().pk
    for action in ("rename", "delete"):
        page = client.get(reverse(f"otp_passkeys:{action}", args=[pk]), headers=TOKEN, secure=True)
        assert page.status_code in (200, 302)
    for address in ("register-options", "authenticate-options", "sign-out-elsewhere"):
        answer = client.post(
            reverse(f"otp_passkeys:{address}"),
            {},
            content_type="application/json",
            headers=TOKEN,
            secure=True,
        )
        assert answer.status_code in (200, 403)
