"""The wiring of the app."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from otp_passkeys import sync
from otp_passkeys.apps import OtpPasskeysConfig

pytestmark = pytest.mark.django_db


def receivers(user: User) -> list[Any]:
    """Return what is called at a sign-in."""
    sent = user_logged_in.send_robust(User, request=HttpRequest(), user=user)
    return [receiver for receiver, _ in sent]


def test_names() -> None:
    """The app is known by one name, and keys of its tables do not depend on the site's settings."""
    config = apps.get_app_config("otp_passkeys")
    assert isinstance(config, OtpPasskeysConfig)
    assert (config.name, config.label) == ("otp_passkeys", "otp_passkeys")
    assert str(config.verbose_name) == "Passkeys"
    for model in config.get_models():
        assert model._meta.pk is not None
    assert config.default_auto_field == "django.db.models.BigAutoField"


def test_ready_connects_once(alice: User) -> None:
    """S0.6: every sign-in calls the sync once, also where ready() ran twice, as in tests of a site."""
    apps.get_app_config("otp_passkeys").ready()
    assert receivers(alice).count(sync.on_user_logged_in) == 1
