"""Another app that keeps passkeys: the check that names it, and what is never signalled beside it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import WARNING, CheckMessage
from django.test import Client, override_settings
from django.urls import clear_script_prefix, include, path, set_script_prefix
from django.views.generic import RedirectView

from otp_passkeys.checks.installation import check_other_sign_in
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.checks import messages

APPS = [
    "django_otp_webauthn", "allauth.mfa", "passkeys", "mfa", "two_factor.plugins.webauthn",
    "django_mfa",
]  # fmt: skip

W002, W009 = "otp_passkeys.W002", "otp_passkeys.W009"


def warned(number: str) -> list[CheckMessage]:
    """Return what one check says."""
    return [one for one in messages() if one.id == number]


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("value", [None, True])
def test_passkey_of_another_app(
    passkey: Passkey,
    authenticator: Authenticator,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: object,
) -> None:
    """S0.14, Y13: while another app keeps passkeys, one that is in no row of ours is never called unknown."""
    settings.OTP_PASSKEYS_SIGNALS = value
    passkey.delete()
    with other_app(settings, tmp_path, monkeypatch, name):
        answer = sign_in(Client(), authenticator)
        assert answer.json().keys() == {"code", "detail"}
        (message,) = warned(W002)
        assert message.level == WARNING
        assert name in message.msg
        for settings.OTP_PASSKEYS_SIGNALS in ("no-unknown", False):
            assert warned(W002) == []
    settings.OTP_PASSKEYS_SIGNALS = value
    assert "signal" in sign_in(Client(), authenticator).json()
    assert messages() == []


@pytest.mark.parametrize("name", ["allauth.account", "django_mfa", "mfa"])
def test_sign_in_of_another_app(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """W009: a password alone signs in at the app's own page, until its address leads to the site's."""
    assert warned(W009) == []
    with other_app(settings, tmp_path, monkeypatch, name):
        (message,) = warned(W009)
        assert message.level == WARNING
        assert name in message.msg
        own = path("passkeys/sign-in/", RedirectView.as_view(url="/accounts/login/"))
        app = path("passkeys/", include("otp_passkeys.urls"))
        for urls, numbers in [((own, app), 0), ((app, own), 1), ((), 0), ("no.such.urls", 0)]:
            with override_settings(ROOT_URLCONF=urls):
                assert len(check_other_sign_in(None)) == numbers
        set_script_prefix("/below/")  # as FORCE_SCRIPT_NAME does
        try:
            assert len(warned(W009)) == 1
        finally:
            clear_script_prefix()


@contextmanager
def other_app(
    settings: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> Iterator[None]:
    """Install an app of this name, under a configuration and a label of the site's own."""
    module = folder
    for part in name.split("."):
        module = module / part
        module.mkdir()
        (module / "__init__.py").touch()
    top = name.partition(".")[0]
    made = (top, f"site_of_{top}")
    (folder / f"site_of_{top}.py").write_text(
        "from django.apps import AppConfig\n"
        f"class Renamed(AppConfig):\n    name, label = {name!r}, 'the_other_one'\n"
    )
    for loaded in [each for each in sys.modules if each.partition(".")[0] in made]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.syspath_prepend(folder)
    installed = [*settings.INSTALLED_APPS, f"site_of_{top}.Renamed"]
    with override_settings(INSTALLED_APPS=installed):
        yield
    for loaded in [each for each in sys.modules if each.partition(".")[0] in made]:
        del sys.modules[loaded]
