"""The check of related origins: browsers look for a file at the RP ID (WebAuthn L3 §5.11)."""

from typing import Any

import pytest
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path

from ..helpers.checks import messages

W007 = "otp_passkeys.W007"
pytestmark = [pytest.mark.django_db, pytest.mark.each_set]


def own(request: HttpRequest, anything: str = "") -> HttpResponse:
    """Stand for a view of the site."""
    return HttpResponse()


class Root:
    """A root URLconf."""

    def __init__(self, *urlpatterns: Any) -> None:
        self.urlpatterns = list(urlpatterns)


def warned() -> list[checks.CheckMessage]:
    """Return the warnings about the file."""
    return [one for one in messages() if one.id == W007]


@pytest.fixture(autouse=True)
def _related(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com", "example.de"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://example.com", "https://example.de"]


def test_without_the_file(settings: Any) -> None:
    """W007, S6.12: without the file browsers refuse the passkeys at the other domain; its remedy is one."""
    (message,) = warned()
    assert message.level == checks.WARNING
    assert "'https://example.de'" in message.msg
    assert "include('otp_passkeys.well_known')" in str(message.hint)
    settings.ROOT_URLCONF = Root(path("", include("otp_passkeys.well_known")))
    assert warned() == []


@pytest.mark.parametrize(
    ("root", "serves"),
    [
        (Root(path(".well-known/webauthn", own)), True),
        (Root(re_path(r"^\.well-known/webauthn$", own)), True),
        (Root(path(".well-known/", include(([path("webauthn", own)], "own")))), True),
        (Root(path("accounts/", include("otp_passkeys.well_known"))), False),
        (Root(path("<path:anything>", own)), False),
        (Root(re_path(r"^(.*)$", own)), False),
        (Root(re_path(r"^.*$", own)), False),
        ("no.such.module", True),  # Django reports it
    ],
)
def test_of_the_sites_own(settings: Any, root: object, serves: bool) -> None:
    """W007: a route of the site's own counts; one that takes any path, as of a CMS, does not."""
    settings.ROOT_URLCONF = root
    if isinstance(root, str):
        from otp_passkeys.checks.addresses import check_related_origins

        assert check_related_origins(None) == []
    else:
        assert (warned() == []) is serves


@pytest.mark.parametrize(
    "changes",
    [
        {"OTP_PASSKEYS_ALLOWED_ORIGINS": None},
        {"OTP_PASSKEYS_ALLOWED_ORIGINS": ["https://example.com", "https://www.example.com:8443"]},
        {"OTP_PASSKEYS_ALLOWED_ORIGINS": ["android:apk-key-hash:x"]},
        {"OTP_PASSKEYS_ALLOWED_ORIGINS": "https://example.de"},
        {"OTP_PASSKEYS_RP_ID": None},
        {"OTP_PASSKEYS_RP_ID": "https://example.org"},
        {"OTP_PASSKEYS_RELYING_PARTY": lambda request: None},
        {"ALLOWED_HOSTS": ["www.example.com", "example.de"]},  # another site is at the RP ID
    ],
    ids=lambda changes: "-".join(changes),
)
def test_nothing_is_related(settings: Any, changes: dict[str, Any]) -> None:
    """W007: without origins of another domain, or where another site has to serve it, nothing is said."""
    for name, value in changes.items():
        setattr(settings, name, value)
    assert warned() == []


@pytest.mark.parametrize("hosts", [[], ["*"], [".example.com", "example.de"]])
def test_hosts(settings: Any, hosts: list[str]) -> None:
    """W007: where this site may be at the RP ID, it serves the file."""
    settings.ALLOWED_HOSTS = hosts
    assert len(warned()) == 1
