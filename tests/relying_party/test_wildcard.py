"""Eve serves a page on a subdomain, and passes alice's ceremony on to the site with a Host header of her own.

tests/browser/test_relay.py does the same with Chromium; here the software authenticator plays alice's browser, which
answers at whatever origin eve's page has.
"""

import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.steps import SignedIn, is_signed_in, outcome

RP_ID, SITE, EVE = "example.com", "https://example.com", "https://evil.example.com"
ORIGINS = "OTP_PASSKEYS_ALLOWED_ORIGINS"


@pytest.fixture
def browser(alice: User, signed_in: SignedIn, settings: Any) -> Authenticator:
    """Return alice's authenticator, which holds a passkey for the site's domain."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = [RP_ID], RP_ID
    authenticator = Authenticator(origin=SITE)
    assert register(signed_in(alice), authenticator).status_code == 201
    return authenticator


@pytest.mark.parametrize("hosts", [["*"], [".example.com"], ["example.com", ".example.com"]])
@pytest.mark.parametrize("origin", [EVE, f"{EVE}:8443", f"{SITE}:8443"])
def test_relay(browser: Authenticator, settings: Any, hosts: list[str], origin: str) -> None:
    """T27: whatever host or port eve sends, an answer that was given on her page opens nothing."""
    settings.ALLOWED_HOSTS = hosts
    browser.origin = origin
    eve = Client()
    assert outcome(sign_in(eve, browser)) == "verification_failed"
    assert not is_signed_in(eve)


def test_relay_from_a_named_port(browser: Authenticator, settings: Any) -> None:
    """T27: the host stands in ALLOWED_HOSTS; another port of it may still be somebody else's server."""
    browser.origin = f"{SITE}:8443"
    assert outcome(sign_in(Client(), browser)) == "verification_failed"
    setattr(settings, ORIGINS, [browser.origin])
    assert sign_in(Client(), browser).status_code == 200


def test_relay_of_a_registration(
    browser: Authenticator, alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """T27: nor does eve's page add a passkey to an account."""
    settings.ALLOWED_HOSTS = ["*", ".example.com"]
    client = signed_in(alice)
    other = Authenticator(origin=EVE)
    assert outcome(register(client, other)) == "verification_failed"
    assert alice.passkeys.count() == 1


def test_named_origin(browser: Authenticator, settings: Any) -> None:
    """T27: an origin that the site names is taken, at whatever host: that is what the relay lacked."""
    settings.ALLOWED_HOSTS = ["*"]
    setattr(settings, ORIGINS, [SITE, "https://shop.example.com"])
    browser.origin = "https://shop.example.com"
    assert sign_in(Client(), browser).status_code == 200
    browser.origin = EVE
    assert outcome(sign_in(Client(), browser)) == "verification_failed"


def test_behind_a_renaming_proxy(browser: Authenticator, settings: Any) -> None:
    """T27: behind a proxy that names the server otherwise, the origin is that of the RP ID."""
    for settings.ALLOWED_HOSTS in (["*"], ["backend"], ["localhost"]):
        client = Client()
        answers: list[Any] = []
        for name in ("authenticate/options/", "authenticate/"):
            body = {"credential": browser.get(answers[0])} if answers else {}
            host = {"Host": "localhost" if "localhost" in settings.ALLOWED_HOSTS else "backend"}
            answer = client.post(
                f"/passkeys/{name}", body, content_type="application/json", headers=host
            )
            answers.append(answer.json())
        assert "redirect_url" in answers[1]


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1", "[::1]:8000", "10.0.0.1:443", ".example.com"]
)
def test_nothing_is_derived(
    alice: User, signed_in: SignedIn, settings: Any, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    """T27, S1.6: without an RP ID each ceremony is refused, and the log names the setting, once."""
    settings.ALLOWED_HOSTS = ["*", ".example.com"]
    client = signed_in(alice)
    for user, name in ((Client(), "authenticate"), (client, "authenticate"), (client, "register")):
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="otp_passkeys"):
            answer = user.post(f"/passkeys/{name}/options/", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (422, "unusable_address")
        lines = [record.getMessage() for record in caplog.records if record.name == "otp_passkeys"]
        assert len(lines) == 1
        assert "OTP_PASSKEYS_RP_ID" in lines[0]
        assert host not in lines[0]
