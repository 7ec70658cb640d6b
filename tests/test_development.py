"""What a developer is told who opened the site by an IP address, as runserver prints it."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory

from otp_passkeys.development import local_address
from otp_passkeys.relying_party import RelyingParty

from .helpers.steps import SignedIn

PAGES = ["/passkeys/sign-in/", "/passkeys/", "/passkeys/reauthenticate/?next=/"]


@pytest.fixture(autouse=True)
def development(settings: Any) -> None:
    """Run as a developer does, who lets other machines in too."""
    settings.ALLOWED_HOSTS, settings.DEBUG = ["*"], True


def at(host: str, path: str = "/", **extra: Any) -> HttpRequest:
    """Return a request to a host."""
    return RequestFactory().get(path, headers={"Host": host}, **extra)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1:8000", "http://localhost:8000/"),
        ("127.0.0.1", "http://localhost/"),
        ("[::1]:8000", "http://localhost:8000/"),
        ("0.0.0.0:8000", "http://localhost:8000/"),
        ("192.168.1.20:9000", "http://localhost:9000/"),
        ("localhost:8000", None),
        ("app.localhost:8000", None),
        ("example.com", None),
        ("a b", None),  # Django refuses it
    ],
)
def test_addresses(host: str, address: str | None) -> None:
    """S6.6: on an IP address of any kind it is localhost with the same port."""
    assert local_address(at(host)) == address


def test_page_and_scheme() -> None:
    """S6.6: it leads to the same page, with its query, and keeps TLS."""
    request = at("127.0.0.1:8000", "/a/?next=/b/&way=x", secure=True)
    assert local_address(request) == "https://localhost:8000/a/?next=/b/&way=x"


def test_without_debug(settings: Any) -> None:
    """S6.6: users of a deployed site are not sent to their own machine."""
    settings.DEBUG = False
    assert local_address(at("127.0.0.1:8000")) is None


def test_behind_a_proxy(settings: Any) -> None:
    """S6.6: the host is the one that the proxy names, where the site believes it."""
    settings.USE_X_FORWARDED_HOST = True
    request = at("internal", HTTP_X_FORWARDED_HOST="127.0.0.1:8080")
    assert local_address(request) == "http://localhost:8080/"
    assert request.META["HTTP_X_FORWARDED_HOST"] == "127.0.0.1:8080"
    assert request.get_host() == "127.0.0.1:8080"


@pytest.mark.parametrize(
    ("name", "value", "works"),
    [
        ("ALLOWED_HOSTS", [], True),
        ("ALLOWED_HOSTS", ["127.0.0.1"], False),
        ("ALLOWED_HOSTS", ["127.0.0.1", "localhost"], True),
        ("OTP_PASSKEYS_RP_ID", "localhost", True),
        ("OTP_PASSKEYS_RP_ID", "example.com", False),
        ("OTP_PASSKEYS_ALLOWED_ORIGINS", ["http://localhost:8000"], True),
        ("OTP_PASSKEYS_ALLOWED_ORIGINS", ["http://localhost:3000"], False),
        ("OTP_PASSKEYS_RELYING_PARTY", lambda request: None, False),
        (
            "OTP_PASSKEYS_RELYING_PARTY",
            lambda request: RelyingParty("localhost", "Here", (f"http://{request.get_host()}",)),
            True,
        ),
    ],
)
def test_only_where_passkeys_work(settings: Any, name: str, value: Any, works: bool) -> None:
    """S6.6: nobody is sent to an address at which the settings refuse passkeys too."""
    setattr(settings, name, value)
    assert (local_address(at("127.0.0.1:8000")) is not None) is works


@pytest.mark.parametrize("path", PAGES)
def test_pages(alice: User, signed_in: SignedIn, settings: Any, path: str) -> None:
    """S6.6: each page says it with a link, and without DEBUG names no address."""
    client = Client() if "sign-in" in path else signed_in(alice)
    address = f"http://localhost:8000{path}"
    link = f'<a href="{address}" dir="ltr">{address}</a> instead.'
    page = client.get(path, headers={"Host": "127.0.0.1:8000"}).content.decode()
    assert link in re.sub("<template.*?</template>", "", page, flags=re.S)
    settings.DEBUG = False
    page = client.get(path, headers={"Host": "127.0.0.1:8000"}).content.decode()
    assert "//localhost" not in page
    assert "at its usual address" in page


def test_words_of_the_scripts(settings: Any) -> None:
    """S6.6: where only the browser knows the address, the script finds the same words."""
    settings.OTP_PASSKEYS_RP_ID = "localhost"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["http://localhost:8000"]
    tag = Template("{% load otp_passkeys %}{% passkey_sign_in %}")
    html = tag.render(Context({"request": at("127.0.0.1:8000")}))
    [message] = re.findall(r'<template data-message="SecurityError">(.*?)</template>', html, re.S)
    assert "http://localhost:8000/</a> instead." in message
    assert "<p" not in message  # it is said in a paragraph that is there already


def test_the_address_is_escaped() -> None:
    """S6.6: what a query holds stays text."""
    tag = Template("{% load otp_passkeys %}{% passkey_sign_in %}")
    html = tag.render(Context({"request": at("127.0.0.1", '/?a="><script>')}))
    assert "<script>" not in html
