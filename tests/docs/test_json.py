"""The JSON that the pages show is what the site answers."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import include, path

from otp_passkeys.exceptions import ChallengeExpired
from otp_passkeys.models import Passkey

from ..helpers.docs import DOCS
from ..helpers.reauthentication import grow_old
from ..helpers.steps import post
from .blocks import take

pytestmark = pytest.mark.django_db


def shown(page: str, words: str) -> Any:
    """Return what a block holds."""
    return json.loads(take(page, words))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("passkey-endpoints", shown("docs/how-to/well-known", '"enroll"')),
        ("webauthn", shown("docs/how-to/well-known", '"origins"')),
    ],
)
def test_well_known(client: Client, settings: Any, name: str, expected: Any) -> None:
    """The two files at the root of the site, with the settings of the page."""
    settings.ALLOWED_HOSTS = ["example.com", "example.de"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://example.com", "https://example.de"]
    names: dict[str, Any] = {"include": include, "path": path}
    exec(take("docs/how-to/well-known", "otp_passkeys.well_known"), names)
    settings.ROOT_URLCONF = tuple(one for one in names["urlpatterns"] if one is not ...)
    answer = client.get(f"/.well-known/{name}", headers={"host": "example.com"}, secure=True)
    assert answer.json() == expected


def test_file_of_the_sites() -> None:
    """A line of the site before the ``include`` serves the file in place of the app's."""
    code = take("docs/how-to/well-known", "views.passkey_endpoints")

    views = SimpleNamespace(passkey_endpoints=lambda request: None)
    (pattern,) = eval(f"[{code}]", {"path": path, "views": views})
    assert pattern.resolve(".well-known/passkey-endpoints")


def test_proof_is_asked_for(passkey: Passkey, browser: Client) -> None:
    """S4.11: the refusal of a script that must have its user confirm first, and the ways that are asked for."""
    grow_old(browser)
    refused = post(browser, "register-options")
    expected = shown("docs/reference/http", '"reauthenticate_url"')
    answered = refused.json()
    assert {**answered, "reauthenticate_url": ""} == {**expected, "reauthenticate_url": ""}
    page, _, query = expected["reauthenticate_url"].partition("?")
    assert answered["reauthenticate_url"].partition("?")[0] == page
    assert query.startswith("next=%2F")
    asked = browser.get(page, headers={"accept": "application/json"})
    assert asked.json() == shown("docs/reference/http", '"ways"')


def test_error(client: Client) -> None:
    """A refusal has the two members of the page, and the sentence of its code."""
    error = ChallengeExpired("")
    expected = shown("docs/reference/http", "challenge_expired")
    assert expected == {"detail": str(error.message), "code": error.code}
    assert set(post(client, "register-options").json()) >= set(expected)


def test_line_of_an_export(passkey: Passkey, capsys: pytest.CaptureFixture[str]) -> None:
    """Its members are some of those that an export writes, all that must be there included."""
    line = shown("docs/reference/commands", '"user_handle"')
    call_command("export_passkeys")
    written = json.loads(capsys.readouterr().out)
    schema = json.loads((DOCS / "reference" / "passkeys.schema.json").read_text())
    assert set(schema["required"]) <= set(line) <= set(schema["properties"])
    assert set(line) <= set(written)
    assert {name: type(value) for name, value in line.items()} == {
        name: type(written[name]) for name in line
    }
