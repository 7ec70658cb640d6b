"""What apps send that cannot be read, what the site's limits say of them, and views that call the wrong action."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client
from django.urls import include, path
from django.utils.decorators import method_decorator

from otp_passkeys import actions
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.reauthentication import reauthentication_required
from otp_passkeys.sync import request_user_details_sync
from otp_passkeys.testing import Authenticator, Nonce

from ...helpers.steps import outcome
from ...helpers.tokens import REGISTER, SIGN_IN, app_of, asked, begun, confirmed, token_of

HASH = Nonce().hash


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("address", "body"),
    [
        (SIGN_IN[0], []),
        (SIGN_IN[0], {}),
        (SIGN_IN[0], {"nonce_hash": HASH + "="}),
        (SIGN_IN[0], {"nonce_hash": HASH[:40]}),
        (SIGN_IN[0], {"nonce_hash": [HASH]}),
        (SIGN_IN[1], {"credential": {}, "nonce": "x" * 42}),
        (SIGN_IN[1], {"credential": [], "nonce": "x" * 43}),
        (REGISTER[0], {"nonce_hash": HASH, "password": 5}),
        (REGISTER[0], {"nonce_hash": HASH, "password": "\ud800"}),
        (REGISTER[0], {"nonce_hash": HASH, "password": "\0"}),
        (REGISTER[0], {"nonce_hash": HASH, "credential": 5, "nonce": "x" * 43}),
        (REGISTER[1], {"credential": {}, "nonce": "é" * 43}),
        (REGISTER[1], {"credential": None, "nonce": None}),
    ],
)
def test_bodies(alice: User, address: str, body: Any) -> None:
    """T12, T14: what cannot be read is refused, and changes nothing."""
    app = app_of(None if address in SIGN_IN else alice)
    headers = {"Authorization": app.authorization} if app.authorization else {}
    response = Client().post(
        address, body, content_type="application/json", secure=True, headers=headers
    )
    assert (response.status_code, outcome(response)) == (400, "malformed_request")
    assert not SpentChallenge.objects.exists()


def test_nonce_of_any_length(passkey: Passkey, authenticator: Authenticator) -> None:
    """A nonce may be what a library for PKCE makes: 43 to 128 characters (RFC 7636 §4.1)."""
    for value, expected in (("-._~" * 32, "200"), ("x" * 129, "malformed_request")):
        nonce = Nonce(value)
        options = app_of().post(SIGN_IN[0], {"nonce_hash": nonce.hash}).json()
        body = {"credential": authenticator.get(options), "nonce": value}
        assert outcome(app_of().post(SIGN_IN[1], body)) == expected


@pytest.mark.parametrize("action", ["begin_authentication", "begin_registration", "authenticate"])
def test_actions_of_sessions(alice: User, settings: Any, action: str) -> None:
    """N8: the actions for browsers say what to call under a token, and open no session beside it."""
    from rest_framework.views import APIView

    class View(APIView):  # type: ignore[misc]
        def post(self, request: Any) -> None:
            getattr(actions, action)(request, *([{}] if action == "authenticate" else []))

    settings.ROOT_URLCONF = (path("mistake/", View.as_view()),)
    client = Client(headers={"Authorization": token_of(alice)})
    with pytest.raises(ImproperlyConfigured, match=r"without_cookies"):
        client.post("/mistake/", secure=True)
    assert not client.cookies


@pytest.mark.parametrize("has_token", [True, False])
def test_views_that_announce_something(alice: User, settings: Any, has_token: bool) -> None:
    """N8, S0.6: a view that serves apps and pages may ask for a sync, and hand out tokens with Django's signal."""
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class View(APIView):  # type: ignore[misc]
        def post(self, request: Any) -> Response:
            request_user_details_sync(request)
            user_logged_in.send(sender=User, request=request, user=alice)
            return Response()

        @method_decorator(reauthentication_required)
        def put(self, request: Any) -> None: ...

    settings.ROOT_URLCONF = (path("", include("tests.urls")), path("view/", View.as_view()))
    client = Client(headers={"Authorization": token_of(alice)} if has_token else {})
    assert client.post("/view/", secure=True).status_code == 200
    assert client.put("/view/", secure=True).status_code in {302, 403}
    assert not client.cookies


def test_json_only(alice: User) -> None:
    """What the site renders or parses elsewhere changes nothing: answers are JSON, and nothing else is read."""
    client = Client(headers={"Accept": "text/html, */*; q=0.2"})
    answered = client.post(SIGN_IN[0], {"nonce_hash": HASH}, "application/json", secure=True)
    assert (answered.status_code, answered["Content-Type"]) == (200, "application/json")
    assert client.post(SIGN_IN[0], {"nonce_hash": HASH}, secure=True).status_code == 415


def test_throttle(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T20: the site's limit is asked and told, as for browsers, and its answer says when to come back."""
    asks: list[str] = []
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: asks.append(occasion)
    app = app_of(passkey.user, authenticator)
    assert outcome(app.sign_in(*SIGN_IN)) == "200"
    assert outcome(app.post(SIGN_IN[1], {})) == "malformed_request"
    assert outcome(asked(app, **confirmed(app, authenticator))) == "200"
    assert asks == ["begin", "answer", "answer", "refused", "begin", "begin", "answer"]
    Passkey.objects.all().delete()
    assert outcome(asked(app, password="wrong")) == "reauthentication_failed"
    assert outcome(app.post(REGISTER[1], {})) == "malformed_request"
    assert asks[7:] == ["begin", "answer", "refused", "refused"]
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 7
    waiting = app.sign_in(*SIGN_IN)
    assert (outcome(waiting), waiting["Retry-After"]) == ("throttled", "7")


def test_axes(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T20: django-axes counts refused answers of apps, and locks them out."""
    cache.clear()
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 2
    first = "axes.backends.AxesStandaloneBackend"
    settings.AUTHENTICATION_BACKENDS = [first, *settings.AUTHENTICATION_BACKENDS]
    app = app_of(authenticator=authenticator)
    for _ in range(2):
        app.post(SIGN_IN[1], {})
    assert outcome(app.sign_in(*SIGN_IN)) == "credential_disabled"
    cache.clear()
    assert outcome(app.sign_in(*SIGN_IN)) == "200"


@pytest.mark.usefixtures("atomic_requests")
def test_refusals_are_committed(passkey: Passkey, authenticator: Authenticator) -> None:
    """T6: the views of the how-to keep what a refusal has spent, with ATOMIC_REQUESTS too."""
    options, nonce = begun(app_of(), SIGN_IN[0])
    body = {
        "credential": authenticator.get(options, user_verified=False, force=True),
        "nonce": nonce,
    }
    outcomes = [outcome(app_of().post(SIGN_IN[1], body)) for _ in range(2)]
    assert outcomes == ["verification_failed", "challenge_spent"]


def test_session_that_a_framework_read(
    alice: User, request_of: Callable[[User], HttpRequest]
) -> None:
    """N8: where ``request.auth`` tells of the session's own user, as with django-ninja, nothing is mistaken."""
    request: Any = request_of(alice)
    request.auth = alice
    assert actions.begin_authentication(request)["challenge"]
    request.session.flush()
    with pytest.raises(ImproperlyConfigured):
        actions.begin_authentication(request)
