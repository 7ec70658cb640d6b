"""What a browser does with the sign-in page of the app, and with the cookie that it keeps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.test import Client
from django.urls import reverse

from otp_passkeys.remembered import COOKIE
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from .steps import answer, post

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

SALT = "otp_passkeys.remembered"
_SELECTOR = re.compile(r'data-account="([^"]+)"')
_NAME = re.compile(r"Sign in as <bdi>(.*?)</bdi>")


def page(client: Client, **query: str) -> str:
    """Open the sign-in page, and return its text."""
    response = client.get(reverse("otp_passkeys:sign-in"), query, secure=True)
    assert response.status_code == 200
    return response.content.decode()


def names(client: Client) -> list[str]:
    """Return whom the sign-in page offers, in its order."""
    return [name.replace("<wbr>", "") for name in _NAME.findall(page(client))]


def selectors(client: Client) -> list[str]:
    """Return the selectors of the accounts that the sign-in page offers."""
    return _SELECTOR.findall(page(client))


def post_password(client: Client, **fields: str) -> Response:
    """Post the form of the sign-in page."""
    return client.post(reverse("otp_passkeys:sign-in"), fields, secure=True)


def sign_in_by_password(client: Client, user: User, **fields: str) -> Response:
    """Sign a user in on the sign-in page."""
    response = post_password(client, username=user.get_username(), password=PASSWORD, **fields)
    assert response.status_code == 302, response.content
    return response


def signed_in_by_password(user: User) -> Client:
    """Return a new browser, in which a user has signed in on the sign-in page."""
    client = Client()
    sign_in_by_password(client, user)
    return client


def remembering(*users: User) -> Client:
    """Return a browser in which these users have signed in, one after the other, whose session has ended."""
    client = Client()
    for user in users:
        sign_in_by_password(client, user)
        end_session(client)
    return client


def end_session(client: Client) -> None:
    """End the session as time does: nobody has signed out."""
    client.session.flush()
    client.cookies.pop("sessionid", None)


def options_for(client: Client, account: object) -> dict[str, Any]:
    """Ask for the options of an account."""
    response = post(client, "authenticate-options", {"account": account})
    assert response.status_code == 200, response.content
    options: dict[str, Any] = response.json()
    return options


def sign_in_as(client: Client, account: object, authenticator: Authenticator) -> Response:
    """Sign in as a remembered account with what an authenticator holds, whatever was asked for."""
    options = options_for(client, account)
    return answer(client, "authenticate", authenticator.get({**options, "allowCredentials": []}))


def value(client: Client) -> str:
    """Return the cookie, empty if there is none."""
    morsel = client.cookies.get(COOKIE)
    return morsel.value if morsel else ""


def content(client: Client) -> Any:
    """Return what the cookie holds."""
    return signing.loads(value(client), salt=SALT)


def readable(client: Client) -> str:
    """Return what anybody can read in the cookie."""
    return json.dumps(json.loads(signing.b64_decode(value(client).split(":")[0].encode())))


def forge(client: Client, content: Any, *, salt: str = SALT) -> None:
    """Give a browser a cookie that the site might have signed."""
    client.cookies[COOKIE] = signing.dumps(content, salt=salt)
