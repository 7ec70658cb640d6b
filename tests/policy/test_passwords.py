"""Whether there is a password to give: on a user model without one, and on a site where no backend takes any."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import HttpRequest
from django.test import Client
from django.test.utils import isolate_apps

from otp_passkeys.actions.sign_out_elsewhere import ends_sessions, sign_out_elsewhere
from otp_passkeys.conf import conf
from otp_passkeys.models import Passkey
from otp_passkeys.safeguards import other_ways_in

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.sign_out_elsewhere import PAGE, end_others
from ..helpers.steps import SignedIn, is_signed_in, outcome, post

OURS = "otp_passkeys.backends.PasskeyBackend"
MODEL = "django.contrib.auth.backends.ModelBackend"
GUARD = "axes.backends.AxesStandaloneBackend"
PROXY = "django.contrib.auth.backends.RemoteUserBackend"


class ByEmail:
    """A site's own backend, which takes an e-mail address and a password."""

    def authenticate(self, request: Any, username: str = "", password: str = "") -> None:
        return None

    def get_user(self, user_id: Any) -> None:
        return None


@isolate_apps("tests")
def test_model_without_a_password() -> None:
    """P8: Django calls the password of such a user usable, and it is no way in."""

    class Keyholder(AbstractBaseUser):
        password: Any = None
        name = models.CharField(max_length=9)

        USERNAME_FIELD = "name"

        class Meta:
            app_label = "tests"

    user = Keyholder(name="alice")
    assert user.has_usable_password()
    assert not conf.OTP_PASSKEYS_POLICY.has_password(user)
    assert not ends_sessions(user)


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("backends", "takes"),
    [
        ([OURS, MODEL], True),
        ([OURS, f"{__name__}.ByEmail"], True),
        ([OURS], False),
        ([GUARD, OURS], False),  # it sees each password and lets nobody in
        ([OURS, PROXY], False),
    ],
)
def test_no_backend_takes_it(alice: User, settings: Any, backends: list[str], takes: bool) -> None:
    """P8: a password from before the site went without is no way in."""
    settings.AUTHENTICATION_BACKENDS = backends
    assert other_ways_in(alice, stored_passkey(alice)) == (["password"] if takes else [])


def test_last_passkey_stays(alice: User, passkey: Passkey, settings: Any) -> None:
    """P8: on a site with passkeys alone nobody deletes the last one, whatever hash the table has."""
    client = Client()
    client.force_login(alice, OURS)
    settings.AUTHENTICATION_BACKENDS = [OURS]
    Passkey.objects.update(confirmed=False)  # so that no second factor is asked for
    response = client.post(
        f"/passkeys/{passkey.pk}/delete/", {}, content_type="application/json", secure=True
    )
    assert outcome(response) == "last_way_in"


def test_sessions_that_hang_on_something_else(
    alice: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11: where the hash of a password ends no session, nobody is told that it did."""
    monkeypatch.setattr(User, "get_session_auth_hash", lambda self: "constant")
    here, other = signed_in(alice), signed_in(alice)
    before = User.objects.get().password
    assert "sign-out-elsewhere" not in here.get("/passkeys/").content.decode()
    assert here.get(PAGE).status_code == 404
    assert end_others(here, password=PASSWORD).status_code == 404
    assert post(here, "sign-out-elsewhere", {"password": PASSWORD}).status_code == 404
    assert is_signed_in(other)
    assert User.objects.get().password == before


def test_action_ends_nothing_that_it_cannot(
    alice: User, request_of: Callable[[User], HttpRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11: a site that calls the action hears that it would end no session, and the password is as before."""
    request = request_of(alice)
    monkeypatch.setattr(User, "get_session_auth_hash", lambda self: "constant")
    with pytest.raises(ImproperlyConfigured):
        sign_out_elsewhere(request, password=PASSWORD)
    assert User.objects.get().password == alice.password
