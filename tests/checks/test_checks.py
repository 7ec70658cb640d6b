"""The system checks: one test for each ID, and that its remedy is one."""

import re
from pathlib import Path
from typing import Any

import pytest
from django_otp.middleware import OTPMiddleware

from otp_passkeys.backends import PasskeyBackend
from otp_passkeys.checks import installation

from ..helpers.checks import messages, only_message

pytestmark = pytest.mark.django_db  # Django's own checks of models ask what the database can do


class OurBackend(PasskeyBackend):
    """A site's own backend."""


class OurOTPMiddleware(OTPMiddleware):
    """A site's own middleware."""


def our_middleware(get_response: Any) -> Any:
    """Stand for middleware that is a function."""
    return get_response


def without(values: list[str], part: str) -> list[str]:
    """Return a setting without the entries that a text is in."""
    left = [value for value in values if part not in value]
    assert left != values
    return left


@pytest.fixture(autouse=True)
def _named_hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com", "shop.example.com"]


def test_healthy_site() -> None:
    """A site that has done what the README says hears nothing, deployed or not."""
    assert messages(deploy=True) == []


@pytest.mark.parametrize(
    ("number", "missing"),
    [
        ("E001", "SessionMiddleware"),
        ("E002", "CsrfViewMiddleware"),
        ("E003", "auth.middleware.AuthenticationMiddleware"),
        ("E004", "OTPMiddleware"),
    ],
)
def test_middleware(settings: Any, number: str, missing: str) -> None:
    """E001 to E004: each middleware that is missing is named, with its path to add."""
    installed = settings.MIDDLEWARE
    settings.MIDDLEWARE = without(installed, missing)
    path = re.findall("'(.+?)'", str(only_message(number).hint))[0]
    assert path in installed
    settings.MIDDLEWARE = [entry for entry in installed if entry in {*settings.MIDDLEWARE, path}]
    assert messages() == []


def test_order_of_middleware(settings: Any) -> None:
    """E016, S6.12: before Django's, django-otp's middleware sees no user, and a registration would be a 500."""
    ours = "django_otp.middleware.OTPMiddleware"
    others = without(settings.MIDDLEWARE, ours)
    for entry in (ours, f"{__name__}.OurOTPMiddleware"):
        settings.MIDDLEWARE = [entry, *others]
        only_message("E016", hint=repr(entry))
        settings.MIDDLEWARE = [*others, entry]
        assert messages() == []


def test_own_middleware_counts(settings: Any) -> None:
    """E001 to E004: a subclass of a middleware does its work; a function or a broken path does not."""
    settings.MIDDLEWARE = [
        *without(settings.MIDDLEWARE, "OTPMiddleware"),
        f"{__name__}.our_middleware",
        "no.such.Middleware",
    ]
    found = installation.check_installation(None)
    assert [each.id for each in found] == ["otp_passkeys.E004"]
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.OurOTPMiddleware"]
    assert installation.check_installation(None) == []


def test_django_otp(settings: Any) -> None:
    """E005: django-otp must be installed as an app."""
    settings.INSTALLED_APPS = without(settings.INSTALLED_APPS, "django_otp")
    only_message("E005", hint="'django_otp'")


def test_backend(settings: Any) -> None:
    """E006: without the backend no passkey signs in; a subclass of it will do."""
    ours = "otp_passkeys.backends.PasskeyBackend"
    settings.AUTHENTICATION_BACKENDS = without(settings.AUTHENTICATION_BACKENDS, "Passkey")
    only_message("E006", hint=repr(ours))
    for backend in (ours, f"{__name__}.OurBackend"):
        settings.AUTHENTICATION_BACKENDS = [backend]
        assert messages() == []


@pytest.mark.parametrize("first", [True, False])
def test_tag_library_of_another_app(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """W001: another app has a library of that name, whichever of the two Django loads."""
    folder = tmp_path / f"rival_{first}".lower() / "templatetags"
    folder.mkdir(parents=True)
    for file in (folder.parent / "__init__.py", folder / "__init__.py"):
        file.touch()
    (folder / "otp_webauthn.py").write_text(
        "from django.template import Library\nregister = Library()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    name = folder.parent.name
    apps = settings.INSTALLED_APPS
    settings.INSTALLED_APPS = [name, *apps] if first else [*apps, name]
    only_message("W001", name, hint="{% load otp_passkeys %}")


def test_tag_library_of_the_settings(settings: Any) -> None:
    """W001: so may the settings name another library."""
    (engine,) = settings.TEMPLATES
    library = "django.templatetags.static"
    options = engine["OPTIONS"] | {"libraries": {"otp_webauthn": library}}
    settings.TEMPLATES = [engine | {"OPTIONS": options}]
    only_message("W001", library)


def test_other_engines(settings: Any) -> None:
    """W001: engines that know no template libraries are left alone."""
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.dummy.TemplateStrings", "NAME": "other"},
        *settings.TEMPLATES,
    ]
    assert messages() == []


def test_every_id_is_tested() -> None:
    """Each ID of the module is provoked in a test."""
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    code = "".join(
        path.read_text("utf-8") for path in Path(installation.__file__).parent.glob("*.py")
    )
    ids = set(re.findall(r'[".]([EW]\d{3})"', code))
    assert ids
    assert set(re.findall(r'[".]([EW]\d{3})"', tests)) == ids
