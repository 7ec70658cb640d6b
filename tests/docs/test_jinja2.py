"""The tags work in Jinja2 as the page says."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register

from ..helpers.docs import captioned
from ..helpers.steps import SignedIn

PAGE = "how-to/jinja2"


def settings_page(request: HttpRequest) -> HttpResponse:
    """Show the page's template."""
    return render(request, "settings.html")


@pytest.mark.django_db
def test_jinja2(
    alice: User,
    authenticator: Authenticator,
    signed_in: SignedIn,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With the environment, the settings and the template of the page, the panel and the sync are there."""
    pytest.importorskip("jinja2")
    module = ModuleType("mysite.jinja2")
    exec(captioned(PAGE, "python")["mysite/jinja2.py"], vars(module))
    monkeypatch.setitem(sys.modules, "mysite", ModuleType("mysite"))
    monkeypatch.setitem(sys.modules, "mysite.jinja2", module)
    scope: dict[str, Any] = {"BASE_DIR": tmp_path}
    exec(captioned(PAGE, "python")["mysite/settings.py"], scope)
    for name, text in captioned(PAGE, "html+jinja").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    settings.TEMPLATES = scope["TEMPLATES"]
    settings.ROOT_URLCONF = (path("jinja/", settings_page), path("", include("tests.urls")))
    client = signed_in(alice)
    before = client.get("/jinja/").content.decode()
    assert "<otp-passkey-panel" in before
    assert 'name="csrfmiddlewaretoken"' in before
    assert register(client, authenticator).status_code == 201
    after = client.get("/jinja/").content.decode()
    assert f"/{Passkey.objects.get().pk}/delete/" in after
    assert "<otp-passkey-sync" in after
    assert "&lt;" not in after
