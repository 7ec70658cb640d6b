"""The settings that the pages show hold together, and do what the text around them says."""

import ast
import re
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.views.generic import View

from otp_passkeys.conf import Settings
from otp_passkeys.testing import Authenticator

from ..helpers.docs import DOCS, example
from ..helpers.steps import SignedIn, enrol
from .blocks import BLOCKS, Block, having, take

pytestmark = pytest.mark.django_db


def values(code: str) -> dict[str, Any]:
    """Return the settings that a block makes."""
    names: dict[str, Any] = {}
    exec(code, names)
    return {name: value for name, value in names.items() if name.isupper()}


def texts(value: Any) -> list[str]:
    """Return all texts in a setting."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def files(name: str) -> list[str]:
    """Return what the pages show of a file of the reader's site, be it on the page or beside it."""
    shown = [block.code for block in BLOCKS if block.caption == name]
    directive = re.compile(
        rf"literalinclude:: (\S+\.py)\n(?: +:(?!caption).*\n)* +:caption: {name}\n"
    )
    for page in DOCS.rglob("*.rst"):
        shown += [(page.parent / one).read_text() for one in directive.findall(page.read_text())]
    return shown


NAMED = [
    having("docs/how-to/allauth", "ACCOUNT_FORMS"),
    having("docs/how-to/allauth", "OTP_PASSKEYS_POLICY"),
    having("docs/how-to/allauth", "ACCOUNT_ADAPTER"),
    having("docs/how-to/policy", "OTP_PASSKEYS_POLICY"),
    having("docs/how-to/reauthentication", "OTP_PASSKEYS_REAUTHENTICATION_WAYS"),
    having("docs/how-to/reauthentication", "OTP_PASSKEYS_POLICY"),
    having("docs/how-to/throttling", "OTP_PASSKEYS_THROTTLE"),
    having("docs/how-to/wagtail", "WAGTAILADMIN_USER_LOGIN_FORM"),
    having("docs/integrations", "OTP_PASSKEYS_RELYING_PARTY"),
    having("docs/reference/settings", "OTP_PASSKEYS_POLICY"),
]


@pytest.mark.parametrize("block", NAMED, ids=str)
def test_names(block: Block) -> None:
    """A dotted path leads to what the page shows in the file of that name, or to the app."""
    paths = [text for value in values(block.code).values() for text in texts(value)]
    assert paths
    for dotted in paths:
        module, _, name = dotted.rpartition(".")
        if module.startswith("otp_passkeys."):
            assert hasattr(import_module(module), name)
            continue
        shown = [ast.parse(code).body for code in files(f"{module.replace('.', '/')}.py")]
        defined = {getattr(node, "name", "") for body in shown for node in body}
        assert name in defined, dotted


@pytest.mark.parametrize(
    ("page", "words", "file"),
    [
        ("docs/how-to/throttling", "OTP_PASSKEYS_THROTTLE", "throttling_ratelimit"),
        ("docs/integrations", "OTP_PASSKEYS_RELYING_PARTY", "tenants_relying_party"),
    ],
)
def test_functions(page: str, words: str, file: str) -> None:
    """The function that such a setting names is one that the checks take."""
    [(name, dotted)] = values(having(page, words).code).items()
    function = getattr(example(file), dotted.rpartition(".")[2])
    with override_settings(**{name: function}):
        assert [one for one in run_checks() if str(one.id).startswith("otp_passkeys")] == []


def test_signals_off(settings: Any, browser: Client) -> None:
    """S0.14: browsers are told nothing."""
    assert browser.get("/passkeys/sync/").status_code == 200
    set_all(settings, take("docs/how-to/deploy", "OTP_PASSKEYS_SIGNALS"))
    assert browser.get("/passkeys/sync/").status_code == 204


def set_all(settings: Any, code: str) -> dict[str, Any]:
    """Apply the settings of a block, and return them."""
    found = values(code)
    for name, value in found.items():
        setattr(settings, name, value)
    return found


@pytest.mark.parametrize(
    "code",
    [
        take("docs/how-to/deploy", "SECURE_PROXY_SSL_HEADER"),
        take("docs/troubleshooting", "SECURE_PROXY_SSL_HEADER"),
    ],
    ids=["deploy", "troubleshooting"],
)
def test_proxy(alice: User, settings: Any, code: str) -> None:
    """Behind a proxy that ends TLS a POST is refused, until the setting believes its header."""
    client = Client(enforce_csrf_checks=True)
    page = reverse("otp_passkeys:sign-in")
    html = client.get(page).content.decode()
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[:1])
    headers = {"Host": "testserver", "Origin": "https://testserver", "X-Forwarded-Proto": "https"}
    given = {"csrfmiddlewaretoken": token, "username": "alice", "password": "wrong"}
    assert client.post(page, given, headers=headers).status_code == 403
    set_all(settings, code)
    assert client.post(page, given, headers=headers).status_code == 200


def test_where_to_sign_in(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """Visitors are led to the page of the app, and from there to the panel."""
    set_all(settings, take("docs/troubleshooting", "LOGIN_REDIRECT_URL"))
    panel, page = reverse("otp_passkeys:list"), reverse("otp_passkeys:sign-in")
    assert Client().get(panel)["Location"] == f"{page}?next={panel}"
    assert signed_in(alice).get(page).context["continue_url"] == panel


def test_recovery(
    alice: User, signed_in: SignedIn, authenticator: Authenticator, settings: Any
) -> None:
    """The page that asks links to the site's help."""
    set_all(settings, take("docs/how-to/second-factor", "OTP_PASSKEYS_RECOVERY_URL"))
    settings.ROOT_URLCONF = (
        path("help/", View.as_view(), name="account-recovery"),
        path("", include("tests.urls")),
    )
    enrol(signed_in(alice), authenticator)
    page = reverse("otp_passkeys:reauthenticate-second-factor")
    assert 'href="/help/"' in signed_in(alice).get(page).content.decode()


def test_default_ways() -> None:
    """The ways that the reference calls the default are the default."""
    code = take("docs/reference/settings", "OTP_PASSKEYS_REAUTHENTICATION_WAYS")
    assert values(code) == {
        "OTP_PASSKEYS_REAUTHENTICATION_WAYS": list(Settings().OTP_PASSKEYS_REAUTHENTICATION_WAYS)
    }


def test_easy_audit() -> None:
    """The list for django-easy-audit has each model of the app."""
    [names] = values(take("docs/integrations", "EASY_AUDIT")).values()
    assert set(names) == {
        model._meta.label_lower for model in apps.get_app_config("otp_passkeys").get_models()
    }
