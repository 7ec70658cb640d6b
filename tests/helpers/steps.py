"""Ceremonies in steps, for what happens between asking and answering."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import Client, RequestFactory
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY

from otp_passkeys import challenges
from otp_passkeys.challenges import Purpose
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, from_base64url, register, to_base64url

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpRequest
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ORIGIN = "https://testserver"
SignedIn = Callable[..., Client]  # the fixture `signed_in`


def post(client: Client, name: str, body: dict[str, Any] | None = None) -> Response:
    """Post JSON as a page of the site does, with the CSRF token if the browser has one."""
    headers = {"Origin": ORIGIN, "Accept": "application/json"}
    if token := csrf_secret(client):
        headers["X-CSRFToken"] = token
    return client.post(
        reverse(f"otp_passkeys:{name}"),
        body or {},
        content_type="application/json",
        secure=True,
        headers=headers,
    )


def ask(client: Client, name: str) -> dict[str, Any]:
    """Return the options of `register-options` or `authenticate-options`."""
    response = post(client, name)
    assert response.status_code == 200, response.content
    options: dict[str, Any] = response.json()
    return options


def answer(client: Client, name: str, credential: dict[str, Any]) -> Response:
    """Send what an authenticator made to `register` or `authenticate`."""
    return post(client, name, {"credential": credential})


def outcome(response: Response) -> str:
    """Return the code of a refusal, and the status of anything else."""
    members = response.json() if response.status_code >= 400 else {}
    return str(members.get("code", response.status_code))


def copy(client: Client) -> Client:
    """Return the same browser as it is now: what it keeps is its cookies, and `client` goes on."""
    same = Client()
    same.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return same


def csrf_secret(client: Client) -> str:
    """Return the CSRF cookie, empty if there is none."""
    morsel = client.cookies.get(settings.CSRF_COOKIE_NAME)
    return morsel.value if morsel else ""


def is_signed_in(client: Client) -> bool:
    """Say whether the site knows who this browser is."""
    return client.get(reverse("otp_passkeys:sync"), secure=True).status_code == 200


def value(options: dict[str, Any]) -> bytes:
    """Return the challenge in options."""
    return from_base64url(options["challenge"])


def request_of(client: Client, user: User | None = None) -> HttpRequest:
    """Return a request of this browser, for what is below the views.

    :param client: a browser that has a CSRF cookie.
    :param user: who is signed in there.
    """
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = csrf_secret(client)
    request.user = user or AnonymousUser()
    return request


def issue(client: Client, purpose: Purpose, *, user: User | None = None) -> str:
    """Return what the app would ask this browser for another purpose, as it stands in options."""
    challenge = challenges.issue(
        request_of(client, user), purpose=purpose, requires_user_verification=False
    )
    return to_base64url(challenge)


def enrol(client: Client, authenticator: Authenticator, **behaviour: Any) -> Passkey:
    """Add a passkey to the account that is signed in, and return it."""
    response = register(client, authenticator, **behaviour)
    assert response.status_code == 201, response.content
    return Passkey.objects.latest("pk")


def verify(client: Client, passkey: Passkey) -> None:
    """Verify the session of a browser, as if this passkey had been used as the second factor."""
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = passkey.persistent_id
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""


def lose_password(user: User) -> None:
    """Leave a user without a password."""
    user.set_unusable_password()
    user.save()


class AtomicRequests:
    """Run each request in a transaction, as `ATOMIC_REQUESTS` in a site's `DATABASES` does."""

    def __enter__(self) -> None:
        connections.settings["default"]["ATOMIC_REQUESTS"] = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        connections.settings["default"]["ATOMIC_REQUESTS"] = False
