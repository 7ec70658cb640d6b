"""What a deployment tells browsers: everything, all but "unknown", or nothing at all."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..helpers.steps import SignedIn, enrol

PRODUCTION = "https://example.com"


def at(host: str) -> dict[str, Any]:
    """Return what sends a request to a host."""
    return {"headers": {"Host": host}, "secure": True}


@pytest.fixture
def browser(alice: User, signed_in: SignedIn, settings: Any) -> Authenticator:
    """Return a browser with a passkey of production's, which staging's older copy of the rows lacks."""
    settings.ALLOWED_HOSTS = ["example.com"]
    browser, phone = Authenticator(origin=PRODUCTION), Authenticator(origin=PRODUCTION)
    for authenticator in (browser, phone):
        enrol(signed_in(alice), authenticator)
    newest = Passkey.objects.with_credential_id(browser.credentials[0].id)
    Passkey.objects.filter(pk=newest.pk).delete()
    settings.ALLOWED_HOSTS = ["staging.example.com"]
    return browser


def synchronise_at(host: str, client: Client, authenticator: Authenticator) -> int:
    """Sync as a browser does at a host, and return the status of the answer."""
    answer = client.get("/passkeys/sync/", **at(host))
    if answer.status_code == 200:
        current = answer.json()
        for call in [current, *current["former"]]:
            # Browsers take a call for the page's own host or a parent of it.
            if host == call["rpId"] or host.endswith("." + call["rpId"]):
                if "allAcceptedCredentialIds" in call:
                    authenticator.signal_all_accepted_credentials(call)
                authenticator.signal_current_user_details(call)
    return answer.status_code


def test_staging_with_a_copy(
    browser: Authenticator, alice: User, signed_in: SignedIn, settings: Any
) -> None:
    """S0.14, Y12: with the RP ID of production a staging site erases its passkeys, unless it is silenced.

    The first half is what the system check W003 and the deploy page warn of.
    """
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    for value in (False, True):
        settings.OTP_PASSKEYS_SIGNALS = value
        status = synchronise_at("staging.example.com", signed_in(alice), browser)
        assert status == (200 if value else 204)
        assert len(browser.credentials) == (not value)


def test_staging_with_an_id_of_its_own(
    browser: Authenticator, alice: User, signed_in: SignedIn
) -> None:
    """S0.14, Y12: a staging site with a copied database and no RP ID says nothing for the parent domain."""
    client = signed_in(alice)
    name = browser.credentials[0].user_name
    User.objects.update(username="anonymised")
    assert synchronise_at("staging.example.com", client, browser) == 200
    assert len(browser.credentials) == 1
    assert browser.credentials[0].user_name == name
    payload = client.get("/passkeys/sync/", **at("staging.example.com")).json()
    assert (payload["rpId"], payload["former"]) == ("staging.example.com", [])


@pytest.mark.parametrize(
    ("rp_id", "former"),
    [
        (
            "login.example.com",
            ["old.example", "login.example.com"],
        ),  # made before the RP ID was set
        ("example.org", ["old.example", "example.org"]),
        ("com", ["old.example"]),
    ],
)
def test_former(
    alice: User, signed_in: SignedIn, settings: Any, rp_id: str, former: list[str]
) -> None:
    """S0.14, Y12: former RP IDs are told as before, but for the parents of this host that are not in force."""
    settings.ALLOWED_HOSTS = ["login.example.com"]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    for each in ("old.example", rp_id):
        enrol(signed_in(alice), Authenticator(origin="https://login.example.com"))
        Passkey.objects.filter(rp_id="example.com").update(rp_id=each)
    payload = signed_in(alice).get("/passkeys/sync/", **at("login.example.com")).json()
    assert payload["rpId"] == "example.com"
    assert [one["rpId"] for one in payload["former"]] == former


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("value", "signals", "unknown"),
    [
        (None, True, True),
        (True, True, True),
        ("no-unknown", True, False),
        (False, False, False),
        ("misspelt", False, False),
    ],
)
def test_setting(
    passkey: Passkey,
    authenticator: Authenticator,
    alice: User,
    signed_in: SignedIn,
    settings: Any,
    value: object,
    signals: bool,
    unknown: bool,
) -> None:
    """S0.14: one setting turns off what a browser is told of unknown passkeys, or all of it, everywhere."""
    settings.OTP_PASSKEYS_SIGNALS = value
    client = signed_in(alice)
    assert (b"<otp-passkey-sync" in client.get("/tagged/").content) is signals
    answer = client.get("/passkeys/sync/")
    assert answer.status_code == (200 if signals else 204)
    for path in ("/passkeys/", f"/passkeys/{passkey.pk}/delete/"):
        page = client.get(path).content.decode()
        assert ("<otp-passkey-sync" in page) is signals
        assert ("sync.js" in page) is signals
        assert ("sync-url" in page) is (signals and path == "/passkeys/")
        assert ("also ask your browser" in page) is (signals and path != "/passkeys/")
        assert "password manager" in page
    token = client.session["otp_passkeys_sync"]
    body = {"token": token}
    assert client.post("/passkeys/sync/", body, content_type="application/json").status_code == 204
    assert ("otp_passkeys_sync" in client.session) is not signals
    assert ("otp_passkeys_accounts" in client.cookies) is signals
    Passkey.objects.all().delete()
    assert ("signal" in sign_in(Client(), authenticator).json()) is unknown


def test_offer(alice: User, client: Client, settings: Any) -> None:
    """S0.14: the automatic upgrade of a silenced site adds a passkey and signals nothing."""
    for value in (True, False):
        settings.OTP_PASSKEYS_SIGNALS = value
        client.force_login(alice, "django.contrib.auth.backends.ModelBackend")
        request = client.get("/passkeys/").wsgi_request
        request.resolver_match = None
        tag = Template("{% load otp_passkeys %}{% passkey_offer %}")
        html = tag.render(Context({"request": request}))
        assert "<otp-passkey-offer" in html
        assert ("sync" in html) is value
