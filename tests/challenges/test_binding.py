"""Whose a challenge is: one browser's, one user's, for one purpose, and this site's."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import reverse

from otp_passkeys.challenges import Purpose
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, answer, ask, csrf_secret, is_signed_in, issue, outcome, post


@pytest.mark.usefixtures("passkey")
def test_visitor_of_another_browser(client: Client, authenticator: Authenticator) -> None:
    """T5: eve cannot make alice's browser answer hers, nor answer in her own what alice signed."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    other = Client()
    ask(other, "authenticate-options")
    assert outcome(answer(other, "authenticate", assertion)) == "challenge_invalid"
    assert not is_signed_in(other)  # and it is not spent
    assert outcome(answer(client, "authenticate", assertion)) == "200"


@pytest.mark.parametrize(
    ("begin", "finish"),
    [("register-options", "register"), ("authenticate-options", "authenticate")],
)
def test_user_in_another_browser(
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    passkey: Passkey,
    begin: str,
    finish: str,
) -> None:
    """T5: even where the same user is signed in, another browser's challenge is refused."""
    here, there = signed_in(alice), signed_in(alice)
    ask(there, begin)
    options = ask(here, begin)
    signed = made(authenticator, finish, options)
    assert outcome(answer(there, finish, signed)) == "challenge_invalid"
    assert Passkey.objects.count() == 1
    assert not SpentChallenge.objects.exists()


@pytest.mark.parametrize(
    ("begin", "finish"),
    [("register-options", "register"), ("authenticate-options", "authenticate")],
)
def test_other_user_in_the_same_browser(
    bob: User,
    authenticator: Authenticator,
    passkey: Passkey,
    begin: str,
    finish: str,
    browser: Client,
) -> None:
    """T5, T9: bob, signed in meanwhile, does not get the passkey that alice began to add."""
    signed = made(authenticator, finish, ask(browser, begin))
    before = csrf_secret(browser)
    browser.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    assert csrf_secret(browser) == before
    assert outcome(answer(browser, finish, signed)) == "challenge_invalid"
    assert not bob.passkeys.exists()


@pytest.mark.parametrize("begun_by", ["alice", "visitor"])
def test_visitor_and_user_in_the_same_browser(
    alice: User, authenticator: Authenticator, passkey: Passkey, begun_by: str, browser: Client
) -> None:
    """T5: to confirm is not to sign in: neither is finished after the other's sign-out or -in."""
    user, visitor = browser, Client()
    client = user if begun_by == "alice" else visitor
    assertion = authenticator.get(ask(client, "authenticate-options"))
    secret = csrf_secret(client)
    if begun_by == "alice":
        client.cookies.pop("sessionid")
    else:
        client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert csrf_secret(client) == secret
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_invalid"
    assert is_signed_in(client) == (begun_by == "visitor")


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.CONFIRM])
def test_registration_needs_a_challenge_to_register(
    alice: User, authenticator: Authenticator, purpose: Purpose, browser: Client
) -> None:
    """T5, T6: a challenge to sign in or to confirm adds nothing, and trying spends it."""
    options = ask(browser, "register-options")
    options["challenge"] = issue(browser, purpose, user=alice)
    assert (
        outcome(answer(browser, "register", authenticator.create(options))) == "challenge_invalid"
    )
    assert not Passkey.objects.exists()
    assert SpentChallenge.objects.count() == 1


@pytest.mark.parametrize("signs_in", [True, False])
@pytest.mark.parametrize("purpose", [Purpose.REGISTER, Purpose.UPGRADE])
def test_authentication_needs_a_challenge_to_authenticate(
    alice: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    passkey: Passkey,
    purpose: Purpose,
    signs_in: bool,
) -> None:
    """T5, T6: a challenge to register signs nobody in and confirms nobody; trying spends it."""
    client = Client() if signs_in else signed_in(alice, verified=False)
    options = ask(client, "authenticate-options")
    options["challenge"] = issue(client, purpose, user=None if signs_in else alice)
    response = answer(client, "authenticate", authenticator.get(options))
    assert outcome(response) == "challenge_invalid"
    assert is_signed_in(client) != signs_in
    assert "otp_device_id" not in client.session
    assert SpentChallenge.objects.count() == 1


@pytest.mark.parametrize(
    ("begin", "finish"),
    [("register-options", "authenticate"), ("authenticate-options", "register")],
)
def test_options_of_the_other_endpoint(
    authenticator: Authenticator, passkey: Passkey, begin: str, finish: str, browser: Client
) -> None:
    """T5: what one endpoint asked is no question that the other takes an answer to."""
    device = browser.session["otp_device_id"]
    options = ask(browser, f"{finish}-options") | {"challenge": ask(browser, begin)["challenge"]}
    signed = made(authenticator, finish, options)
    assert outcome(answer(browser, finish, signed)) == "challenge_invalid"
    assert Passkey.objects.count() == 1
    assert browser.session["otp_device_id"] == device


def test_two_tabs(authenticator: Authenticator, browser: Client) -> None:
    """T10: two tabs of a browser that both began to register both finish."""
    first, second = (ask(browser, "register-options") for _ in range(2))
    assert outcome(answer(browser, "register", authenticator.create(second))) == "201"
    assert outcome(answer(browser, "register", Authenticator().create(first))) == "201"


@pytest.mark.usefixtures("passkey")
def test_visitor_without_a_csrf_cookie(client: Client, authenticator: Authenticator) -> None:
    """T5: where nothing asked for a cookie before, asking sets it, and the answer needs it."""
    assert not client.cookies
    assertion = authenticator.get(ask(client, "authenticate-options"))
    cookie = client.cookies.pop("csrftoken")
    assert outcome(answer(client, "authenticate", assertion)) == "challenge_invalid"
    client.cookies["csrftoken"] = cookie.value
    assert outcome(answer(client, "authenticate", assertion)) == "200"


def test_masked_csrf_cookie(client: Client, authenticator: Authenticator, passkey: Passkey) -> None:
    """Browsers may hold a cookie in Django's older, masked form: the secret in it is what counts."""
    ask(client, "authenticate-options")
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = csrf_secret(client)
    one, other = (get_token(request) for _ in range(2))
    assert one != other
    client.cookies["csrftoken"] = one
    assertion = authenticator.get(ask(client, "authenticate-options"))
    client.cookies["csrftoken"] = other
    assert outcome(answer(client, "authenticate", assertion)) == "200"


def test_csrf_secret_in_the_session(
    csrf_client: Client, authenticator: Authenticator, passkey: Passkey, settings: Any
) -> None:
    """CSRF_USE_SESSIONS: there is no cookie, and the challenge is bound to the session's secret."""
    settings.CSRF_USE_SESSIONS = True
    for client in (csrf_client, other := Client(enforce_csrf_checks=True)):
        page = client.get(reverse("otp_passkeys:sign-in"), secure=True)
        client.defaults["HTTP_X_CSRFTOKEN"] = str(page.context["csrf_token"])
    assertion = authenticator.get(ask(csrf_client, "authenticate-options"))
    assert "csrftoken" not in csrf_client.cookies
    assert outcome(answer(other, "authenticate", assertion)) == "challenge_invalid"
    assert outcome(answer(csrf_client, "authenticate", assertion)) == "200"
    assert is_signed_in(csrf_client)


ENDPOINTS = ["register-options", "register", "authenticate-options", "authenticate"]


@pytest.mark.parametrize("with_middleware", [True, False])
@pytest.mark.parametrize("name", ENDPOINTS)
def test_csrf_token_is_demanded(
    alice: User, signed_in: SignedIn, settings: Any, name: str, with_middleware: bool
) -> None:
    """T15, S1.12: without a token Django's 403 page answers, at a site without its middleware too."""
    if not with_middleware:
        settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "Csrf" not in path]
    client = signed_in(alice, enforce_csrf_checks=True)
    response = post(client, name)
    assert response.status_code == 403
    assert "application/json" not in response["Content-Type"]
    client.get(reverse("otp_passkeys:sign-in"), secure=True)
    assert post(client, name).status_code in (200, 400)


@pytest.mark.parametrize("begin", ["register-options", "authenticate-options"])
def test_csrf_token_of_another_browser(alice: User, signed_in: SignedIn, begin: str) -> None:
    """T15: eve's token does not let a request of alice's browser through."""
    client, hers = signed_in(alice, enforce_csrf_checks=True), Client()
    for each in (client, hers):
        each.get(reverse("otp_passkeys:sign-in"), secure=True)
    client.defaults["HTTP_X_CSRFTOKEN"] = csrf_secret(hers)
    url = reverse(f"otp_passkeys:{begin}")
    assert (
        client.post(url, secure=True, headers={"Origin": "https://testserver"}).status_code == 403
    )


def made(authenticator: Authenticator, finish: str, options: dict[str, Any]) -> dict[str, Any]:
    """Let an authenticator answer what fits an endpoint."""
    if finish == "register":
        return authenticator.create(options, force=True)
    return authenticator.get(options)
