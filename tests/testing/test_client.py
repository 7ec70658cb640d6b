"""What a site's tests import, and the helpers with which they go through a ceremony."""

import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator, register, sign_in


def test_refused_options_are_returned(
    csrf_client: Client, client: Client, authenticator: Authenticator, db: None
) -> None:
    """Where no options are given, their answer is the result, and no ceremony is tried."""
    assert register(client, authenticator).status_code == 401
    assert sign_in(csrf_client, authenticator).status_code == 403
    assert authenticator.credentials == []


def test_ceremonies(alice: User, client: Client, authenticator: Authenticator) -> None:
    """A passkey is added and signs in again, over the real addresses."""
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert register(client, authenticator, nickname="Desk").json()["name"] == "Desk"
    visitor = Client()
    answer = sign_in(visitor, authenticator, next="/passkeys/")
    assert answer.json() == {"redirect_url": "/passkeys/"}
    assert visitor.get("/passkeys/").context["passkeys"][0].current


@pytest.mark.parametrize("host", ["testserver", "example.com"])
def test_origin_of_an_app(alice: User, settings: Any, host: str) -> None:
    """An app that keeps cookies asks the host of the client, past its CSRF check, and says its own origin."""
    app = "android:apk-key-hash:" + "A" * 43
    settings.OTP_PASSKEYS_RP_ID, settings.OTP_PASSKEYS_ALLOWED_ORIGINS = host, [app]
    authenticator = Authenticator(origin=app)
    client = Client(enforce_csrf_checks=True, headers={"Host": host})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/passkeys/", secure=True)
    assert register(client, authenticator).status_code == 201
    client.logout()
    client.get("/passkeys/sign-in/", secure=True)
    assert sign_in(client, authenticator).status_code == 200


def test_imports_without_pytest() -> None:
    """A site that tests with unittest, or uses the authenticator in a script, needs no pytest."""
    code = "import sys; sys.modules['pytest'] = None; import otp_passkeys.testing"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_fixture_for_sites(request: pytest.FixtureRequest) -> None:
    """The plugin module offers an empty authenticator."""
    plugins = request.config.pluginmanager
    name = "otp_passkeys.testing.fixtures"
    if not plugins.has_plugin(name):
        plugins.import_plugin(name)
    module = plugins.get_plugin(name)
    assert module is not None
    assert module.authenticator.__wrapped__() == Authenticator()
