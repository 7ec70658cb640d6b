"""The documentation's site for clients without cookies, and apps that call it."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

from django.urls import include, path

from otp_passkeys.testing import App, Authenticator, Nonce, to_base64url

from .docs import DOCS

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ORIGIN = f"android:apk-key-hash:{to_base64url(hashlib.sha256(b'certificate').digest())}"
PACKAGE = "site_with_tokens"
SIGN_IN = ("/api/passkeys/sign-in/options/", "/api/passkeys/sign-in/")
CONFIRM = "/api/passkeys/confirm/options/"
REGISTER = ("/api/passkeys/register/options/", "/api/passkeys/register/")


def install(settings: Any, tokens: str = "tokens_drf") -> None:
    """Serve the views of the how-tos, for the app and for pages of the site.

    :param settings: pytest-django's fixture.
    :param tokens: the file that makes the tokens.
    """
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://testserver", ORIGIN]
    package = ModuleType(PACKAGE)
    package.__path__ = []
    sys.modules[PACKAGE] = package
    load("tokens", tokens)
    views, native_apps = load("views", "tokens_views"), load("native_apps", "native_apps")
    settings.ROOT_URLCONF = (
        path("", include((native_apps.urlpatterns, "native_apps"))),
        path("api/passkeys/", include((views.urlpatterns, "api"))),
        path("", include("tests.urls")),
    )


def load(name: str, file: str) -> Any:
    """Return a file beside a how-to as the module of the site that its caption names."""
    full = f"{PACKAGE}.{name}"
    spec = importlib.util.spec_from_file_location(full, DOCS / "how-to" / f"{file}.py")
    assert spec is not None
    assert spec.loader is not None
    sys.modules[full] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def token_of(user: User) -> str:
    """Return the header of an app that has a token of a user."""
    from rest_framework.authtoken.models import Token

    return f"Token {Token.objects.get_or_create(user=user)[0].key}"


def app_of(user: User | None = None, authenticator: Authenticator | None = None) -> App:
    """Return an app with a token of a user, or without one.

    :param authenticator: what holds the passkeys; None is a new one.
    """
    holder = replace(authenticator or Authenticator(), origin=ORIGIN)
    return App(authenticator=holder, authorization=token_of(user) if user else "")


def begun(app: App, address: str, **given: Any) -> tuple[dict[str, Any], str]:
    """Return the options of an address, and the nonce of the exchange."""
    nonce = Nonce()
    response = app.post(address, {"nonce_hash": nonce.hash, **given})
    assert response.status_code == 200, response.content
    return response.json(), nonce.value


def asked(app: App, **given: Any) -> Response:
    """Return the answer to a request for options to add a passkey."""
    return app.post(REGISTER[0], {"nonce_hash": Nonce().hash, **given})


def confirmed(app: App, authenticator: Authenticator, **overrides: Any) -> dict[str, Any]:
    """Return the proof that an existing passkey gives."""
    options, nonce = begun(app, CONFIRM)
    return {"credential": authenticator.get(options, **overrides), "nonce": nonce}


def in_between(app: App, happens: Callable[[], object], **proof: Any) -> Response:
    """Add a passkey, and let something happen between the two halves."""
    options, nonce = begun(app, REGISTER[0], **proof)
    credential = app.authenticator.create(options, force=True)
    happens()
    return app.post(REGISTER[1], {"credential": credential, "nonce": nonce})
