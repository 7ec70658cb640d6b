"""The wiring of the app."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core import checks as django_checks

from otp_passkeys import checks, sync
from otp_passkeys.apps import OtpPasskeysConfig

pytestmark = pytest.mark.django_db


def receivers() -> list[Any]:
    """Return what is called at a sign-in."""
    live, live_async = user_logged_in._live_receivers(User)
    return [*live, *live_async]


def test_names() -> None:
    """The app is known by one name, and keys of its tables do not depend on the site's settings."""
    config = apps.get_app_config("otp_passkeys")
    assert isinstance(config, OtpPasskeysConfig)
    assert (config.name, config.label) == ("otp_passkeys", "otp_passkeys")
    assert str(config.verbose_name) == "Passkeys"
    for model in config.get_models():
        assert model._meta.pk is not None
    assert config.default_auto_field == "django.db.models.BigAutoField"


def test_ready_connects_once() -> None:
    """S0.6: every sign-in calls the sync once, also where ready() ran twice, as in tests of a site."""
    apps.get_app_config("otp_passkeys").ready()
    assert receivers().count(sync.on_user_logged_in) == 1


@pytest.mark.parametrize(
    ("check", "deploy"),
    [
        (checks.check_installation, False),
        (checks.check_relying_party, False),
        (checks.check_tag_library, False),
        (checks.check_deployed_hosts, True),
    ],
)
def test_ready_registers_checks(check: Any, deploy: bool) -> None:
    """Each check runs with `manage.py check`, or with `check --deploy` only."""
    registry = django_checks.registry.registry
    assert (check in registry.registered_checks) is not deploy
    assert (check in registry.deployment_checks) is deploy
