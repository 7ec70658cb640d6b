"""Run whole ceremonies over Django's test client: options, authenticator, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from .authenticator import Authenticator

if TYPE_CHECKING:
    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse as Response
    from typing_extensions import Unpack  # no dependency: type checkers know it without

    from .overrides import Overrides
    from .store import Credential


def register(
    client: Client,
    authenticator: Authenticator,
    *,
    nickname: str = "",
    **overrides: Unpack[Overrides],
) -> Response:
    """Add a passkey to the account that `client` is signed in to.

    Returns the answer to the registration, or to the request for options where that was refused.
    Raises what `Authenticator.create()` raises.

    :param client: a test client; its CSRF cookie, if it has one, is sent as the header too.
    :param authenticator: where the passkey goes; its `origin` is where the requests go, or that of
        an app, which asks the host of `client`.
    :param nickname: what the user calls the passkey.
    :param overrides: fields of `Behaviour`, for this ceremony only.
    """
    options = _post(client, authenticator, "register-options", {})
    if options.status_code != 200:
        return options
    registration = authenticator.create(options.json(), **overrides)
    body = {"credential": registration, "nickname": nickname}
    return _post(client, authenticator, "register", body)


def sign_in(
    client: Client,
    authenticator: Authenticator,
    *,
    credential: Credential | None = None,
    next: str = "",  # noqa: A002 - the name of the field
    **overrides: Unpack[Overrides],
) -> Response:
    """Sign in with a passkey, or confirm with one where `client` is signed in already.

    Returns the answer to the assertion, or to the request for options where that was refused.
    Raises what `Authenticator.get()` raises.

    :param client: a test client; its CSRF cookie, if it has one, is sent as the header too.
    :param authenticator: what holds the passkey; its `origin` is where the requests go, or that of
        an app, which asks the host of `client`.
    :param credential: the passkey that the user picks; None is the newest that fits.
    :param next: path to go to afterwards.
    :param overrides: fields of `Behaviour`, for this ceremony only.
    """
    options = _post(client, authenticator, "authenticate-options", {})
    if options.status_code != 200:
        return options
    assertion = authenticator.get(options.json(), credential=credential, **overrides)
    body = {"credential": assertion, "next": next}
    return _post(client, authenticator, "authenticate", body)


def _post(
    client: Client, authenticator: Authenticator, name: str, body: dict[str, Any]
) -> Response:
    """Post JSON as a page at the authenticator's origin does, CSRF token included."""
    origin = authenticator.origin
    if "://" not in origin:  # an app's, such as `android:apk-key-hash:…`
        origin = f"https://{client.defaults.get('HTTP_HOST', 'testserver')}"
    page = urlsplit(origin)
    headers = {"Host": page.netloc, "Origin": origin, "Accept": "application/json"}
    token = client.cookies.get(settings.CSRF_COOKIE_NAME)
    if token is not None:
        headers["X-CSRFToken"] = token.value
    return client.post(
        reverse(f"otp_passkeys:{name}"),
        body,
        content_type="application/json",
        secure=page.scheme == "https",
        headers=headers,
    )
