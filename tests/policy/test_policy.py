"""What the site decides: who may sign in and stay signed in."""

from io import StringIO
from typing import Any

import pytest
from django.contrib import auth
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from otp_passkeys.conf import conf
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import is_signed_in, outcome

OURS = "otp_passkeys.backends.PasskeyBackend"
MODEL = "django.contrib.auth.backends.ModelBackend"
ALL = "django.contrib.auth.backends.AllowAllUsersModelBackend"
STAFF, SILENT = f"{__name__}.StaffOnly", f"{__name__}.Silent"


class StaffOnly(ModelBackend):
    """A site's own backend, which lets in its staff and nobody else."""

    def user_can_authenticate(self, user: Any) -> bool:
        return super().user_can_authenticate(user) and bool(user.is_staff)


class Silent:
    """A backend that has no opinion about who may sign in."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None


class Verified(Policy):
    """A site that lets a new session begin only with a verified e-mail address."""

    seen: list[Any] = []

    def may_sign_in(self, user: Any, request: Any = None) -> bool:
        self.seen.append(request)
        if request is not None and not user.email.endswith("@example.org"):
            return False
        return super().may_sign_in(user, request)


@pytest.mark.parametrize(
    ("backends", "staff", "active", "may"),
    [
        # The site's backend decides; that ours stands beside it gives nothing back.
        ([STAFF, OURS], False, True, False),
        ([OURS, STAFF], False, True, False),
        ([STAFF, OURS], True, True, True),
        ([STAFF, OURS], True, False, False),
        # One yes is enough.
        ([STAFF, MODEL, OURS], False, True, True),
        ([STAFF, ALL, OURS], False, False, True),
        # Where none has an opinion, active users may.
        ([SILENT, OURS], False, True, True),
        ([SILENT, OURS], False, False, False),
        ([OURS], False, True, True),
        ([OURS], False, False, False),
    ],
)
def test_every_backend_is_asked(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    backends: list[str],
    staff: bool,
    active: bool,
    may: bool,
) -> None:
    """T29, T21: a passkey lets in those whom one of the site's backends would, and no others."""
    settings.AUTHENTICATION_BACKENDS = backends
    User.objects.update(is_staff=staff, is_active=active)
    client = Client()
    answer = sign_in(client, authenticator)
    assert answer.status_code == (200 if may else 403)
    assert (auth.SESSION_KEY in client.session) is may


def test_session_ends(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T29: a session that a passkey opened goes on, until the site's backend says no."""
    settings.AUTHENTICATION_BACKENDS = [STAFF, OURS]
    User.objects.update(is_staff=True)
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert is_signed_in(client)
    assert is_signed_in(client)
    User.objects.update(is_staff=False)
    assert not is_signed_in(client)


def test_own_policy(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T29: the site's policy may ask for more, and is told the request that signs in, and of none afterwards."""
    settings.OTP_PASSKEYS_POLICY = f"{__name__}.Verified"
    Verified.seen.clear()
    assert outcome(sign_in(Client(), authenticator)) == "credential_disabled"
    (request,) = Verified.seen
    assert request.path.endswith("/authenticate/")
    User.objects.update(email="alice@example.org")
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    User.objects.update(email="")
    Verified.seen.clear()
    assert is_signed_in(client)
    assert Verified.seen[0] is None


def test_remembered(passkey: Passkey, authenticator: Authenticator, settings: Any) -> None:
    """T29: who may not sign in is not greeted either."""
    client = Client()
    sign_in(client, authenticator)
    del client.cookies[settings.SESSION_COOKIE_NAME]
    assert "alice" in client.get("/passkeys/sign-in/").content.decode()
    settings.AUTHENTICATION_BACKENDS = [STAFF, OURS]
    assert "alice" not in client.get("/passkeys/sign-in/").content.decode()


def test_support_is_told(alice: User, settings: Any) -> None:
    """T29: the command names an account that is refused, and none that a backend lets in."""

    def told() -> str:
        out = StringIO()
        call_command("passkeys", "alice", stdout=out)
        return out.getvalue()

    assert "!" not in told()
    settings.AUTHENTICATION_BACKENDS = [STAFF, OURS]
    assert "The site’s policy refuses the account: no passkey signs it in." in told()
    User.objects.update(is_active=False)
    assert "The account is inactive: no passkey signs it in." in told()
    settings.AUTHENTICATION_BACKENDS = [ALL, OURS]
    assert "!" not in told()


@pytest.mark.parametrize(
    ("guard", "may"),
    [("axes.backends.AxesBackend", True), ("axes.backends.AxesStandaloneBackend", False)],
)
def test_yes_that_is_inherited(alice: User, settings: Any, guard: str, may: bool) -> None:
    """T29: django-axes' first backend says yes by inheritance; the one that only guards has no opinion."""
    settings.AUTHENTICATION_BACKENDS = [guard, STAFF, OURS]
    assert conf.OTP_PASSKEYS_POLICY.may_sign_in(alice) is may
