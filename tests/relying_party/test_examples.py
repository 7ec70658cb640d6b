"""The examples of the documentation for RP ID and origins work as they are written."""

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from otp_passkeys.relying_party import RelyingParty, relying_party
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.checks import messages
from ..helpers.docs import DOCS, code_block
from ..helpers.steps import SignedIn
from .test_relying_party import request_to

pytestmark = pytest.mark.django_db
urlpatterns = [path("", include("otp_passkeys.well_known")), path("", include("tests.urls"))]


def set_as_in(settings: Any, page: str, having: str) -> dict[str, Any]:
    """Run an example, and set the settings that it sets."""
    names: dict[str, Any] = {}
    exec(code_block(page, "python", having), names)
    for name, value in names.items():
        if name.isupper():
            setattr(settings, name, value)
    return names


@pytest.mark.parametrize(
    ("page", "having", "hosts"),
    [
        ("how-to/deploy", "OTP_PASSKEYS_RP_NAME", ["example.com", "www.example.com"]),
        ("how-to/deploy", "OTP_PASSKEYS_RP_NAME", [".example.com"]),
        ("how-to/well-known", "example.de", ["example.com", "example.de"]),
        ("how-to/move", "new.example", ["new.example", "old.example"]),
    ],
)
def test_origins(
    alice: User, signed_in: SignedIn, settings: Any, page: str, having: str, hosts: list[str]
) -> None:
    """T26: a passkey made at the first origin signs in at the second, and the checks are content."""
    set_as_in(settings, page, having)
    settings.ALLOWED_HOSTS, settings.ROOT_URLCONF = hosts, __name__
    assert messages(deploy=True) == []
    first, second = settings.OTP_PASSKEYS_ALLOWED_ORIGINS
    authenticator = Authenticator(origin=first)
    assert register(signed_in(alice), authenticator).status_code == 201
    authenticator.origin = second
    answer = sign_in(Client(), authenticator)
    assert answer.status_code == 200
    listed = Client().get("/.well-known/webauthn", headers={"Host": settings.OTP_PASSKEYS_RP_ID})
    assert listed.json() == {"origins": [first, second]}


def test_callable(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """T26: behind a wildcard the tenants of the example have their passkeys, and nobody else has any."""
    names = set_as_in(settings, "reference/settings", "TENANTS")
    settings.ALLOWED_HOSTS = ["*"]
    settings.OTP_PASSKEYS_RELYING_PARTY = names["relying_party"]
    assert messages(deploy=True) == []
    assert relying_party(request_to("Shop.Example.com:8443")) == RelyingParty(
        "shop.example.com", "Shop", ("https://shop.example.com",)
    )
    authenticator = Authenticator(origin="https://example.org")
    assert register(signed_in(alice), authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200
    for origin in ("https://evil.example.org", "https://evil.test"):
        assert sign_in(Client(), Authenticator(origin=origin)).json()["code"] == "unusable_address"


def test_staging(settings: Any) -> None:
    """S0.14: the section on staging begins with the setting, and the check asks for it."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = ["staging.example.com"], "example.com"
    assert [each.id for each in messages(deploy=True)] == ["otp_passkeys.W003"]
    set_as_in(settings, "how-to/deploy", "OTP_PASSKEYS_SIGNALS")
    assert settings.OTP_PASSKEYS_SIGNALS is False
    assert messages(deploy=True) == []


class Domains:
    """Stands where the domains of a tenant of django-tenants do."""

    def filter(self, *, domain: str) -> Any:
        found = domain == "shop.example.com"
        return SimpleNamespace(exists=lambda: found)


def finding_tenants(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Set the tenant as the middleware of django-tenants does, which shows hosts without one the public pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.get_host().startswith("nobody."):
            request.tenant = SimpleNamespace(name="Shop", domains=Domains())  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


def test_tenants(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """T26: with the callable for django-tenants a host that the tenant does not have is none for passkeys.

    At www. its passkeys did not work, and at a host without a tenant the callable failed.
    """
    settings.MIDDLEWARE = [f"{__name__}.finding_tenants", *settings.MIDDLEWARE]
    settings.ALLOWED_HOSTS = [".example.com"]
    spec = spec_from_file_location("tenants", DOCS / "how-to" / "tenants_relying_party.py")
    module = module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)
    settings.OTP_PASSKEYS_RELYING_PARTY = module.relying_party
    for name, status in (("shop", 201), ("www.shop", 201), ("evil", 422), ("nobody", 422)):
        authenticator = Authenticator(origin=f"https://{name}.example.com")
        assert register(signed_in(alice), authenticator).status_code == status
