"""Where a sign-in leads, as JSON and as a form."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import SignedIn, ask, enrol, is_signed_in, outcome, post
from ..helpers.targets import HARMFUL

HARMLESS = [
    "/passkeys/",
    "/passkeys/?a=1&b=2#c",
    "https://testserver/passkeys/",
    "passkeys/",
    "/" + "x" * 2000,
]
NAMES = ["?a=1", "plain", "passkeys", "otp_passkeys:list"]


def post_form(client: Client, name: str, credential: object, **fields: str) -> Any:
    """Post what a page's form posts."""
    return client.post(
        f"/passkeys/{name}/", {"credential": json.dumps(credential), **fields}, secure=True
    )


def by_form(authenticator: Authenticator, target: str) -> str:
    """Sign in by a form, and return where it leads."""
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    response = post_form(client, "authenticate", assertion, next=target)
    assert response.status_code == 302
    assert is_signed_in(client)
    return str(response.headers["Location"])


@pytest.mark.parametrize("target", HARMLESS)
@pytest.mark.usefixtures("passkey")
def test_goes_where_it_was_asked_to(authenticator: Authenticator, target: str) -> None:
    """A page of this site is gone to, by JSON and by form."""
    assert sign_in(Client(), authenticator, next=target).json() == {"redirect_url": target}
    assert by_form(authenticator, target) == target


@pytest.mark.parametrize("target", NAMES)
def test_takes_addresses_and_no_names(
    passkey: Passkey, authenticator: Authenticator, settings: Any, target: str
) -> None:
    """What names a view, or looks as if, leads where a browser would go, or home; never a crash."""
    redirected = sign_in(Client(), authenticator, next=target).json()["redirect_url"]
    assert by_form(authenticator, target) == redirected


@pytest.mark.parametrize("length", [3000, 20_000])
@pytest.mark.usefixtures("passkey")
def test_survives_a_target_of_any_length(authenticator: Authenticator, length: int) -> None:
    """A target longer than browsers take ends somewhere, with the user signed in (T12)."""
    assert by_form(authenticator, "/" + "x" * length)


@pytest.mark.parametrize("target", HARMFUL)
@pytest.mark.usefixtures("passkey")
def test_goes_nowhere_else(authenticator: Authenticator, settings: Any, target: str) -> None:
    """Another site, scheme or header is never gone to, by JSON or by form (T17)."""
    settings.LOGIN_REDIRECT_URL = "/home/"
    assert sign_in(Client(), authenticator, next=target).json() == {"redirect_url": "/home/"}
    assert by_form(authenticator, target) == "/home/"


def test_takes_no_lone_surrogate(passkey: Passkey, authenticator: Authenticator) -> None:
    """Text that JSON can hold and no address can is no target (T14, T17)."""
    assert sign_in(Client(), authenticator, next="/\ud800").json() == {"redirect_url": "/"}


def test_goes_to_http_where_the_site_has_nothing_else(settings: Any, browser: Client) -> None:
    """Without TLS, on localhost say, http is no downgrade (T17)."""
    authenticator = Authenticator(origin="http://localhost")
    enrol(browser, authenticator)
    target = "http://localhost/passkeys/"
    assert sign_in(Client(), authenticator, next=target).json() == {"redirect_url": target}


@pytest.mark.parametrize(("setting", "target"), [("plain", "/"), ("/home/", "/home/")])
def test_goes_home_by_default(
    passkey: Passkey, authenticator: Authenticator, settings: Any, setting: str, target: str
) -> None:
    """LOGIN_REDIRECT_URL may be an address or the name of one."""
    settings.LOGIN_REDIRECT_URL = setting
    assert sign_in(Client(), authenticator).json() == {"redirect_url": target}


@pytest.mark.parametrize("target", [None, 5, ["/"], {"a": 1}])
def test_takes_text_only(passkey: Passkey, authenticator: Authenticator, target: object) -> None:
    """A target that is no text is malformed, before the passkey is looked at (T12)."""
    client = Client()
    body = {"credential": authenticator.get(ask(client, "authenticate-options"))}
    assert outcome(post(client, "authenticate", {**body, "next": target})) == "malformed_request"
    assert outcome(post(client, "authenticate", body)) == "200"


def test_refuses_a_form_on_the_page(passkey: Passkey, authenticator: Authenticator) -> None:
    """A refused form is the sign-in page with the reason, the status and nothing to forget."""
    client = Client()
    options = ask(client, "authenticate-options")
    assertion = authenticator.get(options, force=True, user_verified=False)
    response = post_form(client, "authenticate", assertion, next="/passkeys/")
    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("text/html")
    page = response.content.decode()
    assert "The passkey could not be verified." in page
    assert 'name="password"' in page
    assert "This field is required" not in page
    assert "data-forget-id" not in page
    assert passkey.id_base64url not in page
    assert not is_signed_in(client)


@pytest.mark.parametrize(("setting", "told"), [(None, True), (False, False), ("no-unknown", False)])
def test_tells_the_page_what_to_forget(
    passkey: Passkey, authenticator: Authenticator, settings: Any, setting: object, told: bool
) -> None:
    """The page of an unknown passkey says what to forget, where that is allowed (S0.14)."""
    settings.OTP_PASSKEYS_SIGNALS = setting
    passkey.delete()
    client = Client()
    assertion = authenticator.get(ask(client, "authenticate-options"))
    response = post_form(client, "authenticate", assertion)
    assert response.status_code == 404
    page = response.content.decode()
    assert (f'data-forget-id="{passkey.id_base64url}"' in page) is told
    assert ('data-forget-rp-id="testserver"' in page) is told
    assert "linked to an account here any more" in page


@pytest.mark.parametrize("credential", ["", "{", "null", "[]", "text", "[" * 30_000, "9" * 5000])
@pytest.mark.parametrize("name", ["authenticate", "register"])
def test_refuses_a_form_without_an_answer(name: str, credential: str, browser: Client) -> None:
    """Text that is no JSON, or no answer, is a page that says so (T12)."""
    response = browser.post(f"/passkeys/{name}/", {"credential": credential}, secure=True)
    assert response.status_code == 400
    assert response.headers["Content-Type"].startswith("text/html")
    assert "The request could not be read." in response.content.decode()
    assert browser.post(f"/passkeys/{name}/", secure=True).status_code == 400


@pytest.mark.parametrize("name", ["authenticate", "register"])
def test_hides_the_answer_from_error_reports(alice: User, signed_in: SignedIn, name: str) -> None:
    """What Django mails of a crash does not hold the credential of the form (T24)."""
    response = post_form(signed_in(alice), name, {"id": "AAAA"})
    assert response.wsgi_request.sensitive_post_parameters == ("credential",)
