"""The offer of a first passkey: to whom it is made, how, and for how long."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys import offers
from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, register, sign_in

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import verify
from .site import change_note, change_session, offered, with_password

pytestmark = [pytest.mark.urls("tests.offers.site"), pytest.mark.django_db]


def test_after_a_password(alice: User) -> None:
    """S3.5: a user without a passkey who typed the password is offered one, on this and the next page."""
    client = with_password(alice)
    for _ in range(2):
        attributes = offered(client)
        assert {"hidden", "upgrade"} <= set(attributes.split())
        assert 'options-url="/passkeys/register/options/"' in attributes
        assert 'register-url="/passkeys/register/"' in attributes


def test_holds_nothing_personal(alice: User) -> None:
    """Y3: a page that is shown to somebody else gives nothing away."""
    text = with_password(alice).get("/page/").content.decode()
    for word in ("alice", "Archer", "example.com"):
        assert word not in text


def test_since_is_plain(alice: User, settings: Any) -> None:
    """S3.5: the browser compares the time of the sign-in, which no format of numbers changes."""
    settings.USE_THOUSAND_SEPARATOR = True
    settings.LANGUAGE_CODE = "de"
    found = re.search(r'since="(\d+)"', offered(with_password(alice)))
    assert found
    assert abs(int(found.group(1)) - time.time()) < 60


def test_not_to_who_has_one(alice: User, passkey: Passkey) -> None:
    """S3.5: a user who has a passkey and typed the password all the same is left alone."""
    assert not offered(with_password(alice))


def test_to_who_has_a_dead_one(alice: User) -> None:
    """P8: one of a domain that the site has left is none; the browser may add another by itself."""
    stored_passkey(alice, rp_id="old.example")
    stored_passkey(alice, confirmed=False)
    assert "upgrade" in offered(with_password(alice)).split()


def test_to_who_has_one_elsewhere(alice: User) -> None:
    """P6: one of another domain that is served does not work here, and no browser adds one beside it by itself."""
    stored_passkey(alice, rp_id="shop.example.com")
    attributes = offered(with_password(alice))
    assert attributes
    assert "upgrade" not in attributes.split()


def test_bobs_passkey_is_his(alice: User, bob: User) -> None:
    """S3.5: another user's passkey changes nothing for alice."""
    stored_passkey(bob)
    assert offered(with_password(alice))
    assert not offered(with_password(bob))


@pytest.mark.parametrize(
    ("attachment", "due"), [("cross-platform", True), ("platform", False), (None, False)]
)
def test_after_a_passkey(
    client: Client,
    passkey: Passkey,
    authenticator: Authenticator,
    attachment: str | None,
    due: bool,
) -> None:
    """S3.5: a passkey of another device is followed by the offer of one on this, one from here is not."""
    sign_in(client, authenticator, authenticator_attachment=attachment)
    attributes = offered(client)
    assert bool(attributes) == due
    assert "upgrade" not in attributes.split()  # no browser adds one unasked beside another


@pytest.mark.usefixtures("passkey")
def test_not_after_a_confirmation(authenticator: Authenticator, browser: Client) -> None:
    """S3.5: it is for signing in; a confirmation with the phone in between offers nothing."""
    answer = sign_in(browser, authenticator, authenticator_attachment="cross-platform")
    assert answer.status_code == 200
    assert not offered(browser)


@pytest.mark.usefixtures("passkey")
def test_not_after_a_refused_sign_in(client: Client, authenticator: Authenticator) -> None:
    """S3.5: eve's answer that was refused leaves no note in her session."""
    answer = sign_in(
        client, authenticator, authenticator_attachment="cross-platform", rp_id="evil.test"
    )
    assert answer.status_code == 422
    assert offers.NOTE not in client.session


@pytest.mark.parametrize("attachment", [None, 1, ["cross-platform"], "Cross-Platform"])
def test_odd_attachments(
    request_of: Callable[[User], HttpRequest], alice: User, attachment: object
) -> None:
    """S3.5: what else eve writes there offers nothing and breaks nothing."""
    request = request_of(alice)
    offers.clear(request)
    for credential in ({"authenticatorAttachment": attachment}, {}, None, "cross-platform"):
        offers.note_cross_device(request, credential)
    assert offers.due(request) is None


def test_ends_when_one_is_added(alice: User) -> None:
    """S3.5: who has added a passkey is not asked again."""
    client = with_password(alice)
    assert register(client, Authenticator()).status_code == 201
    assert offers.NOTE not in client.session
    assert not offered(client)


@pytest.mark.parametrize(("seconds", "due"), [(590, True), (601, False)])
def test_ends_after_ten_minutes(alice: User, seconds: int, due: bool) -> None:
    """S3.5: it follows a sign-in; after that the site is quiet."""
    client = with_password(alice)
    change_note(client, time=int(time.time()) - seconds)
    assert bool(offered(client)) == due


def test_age_is_the_sites(alice: User, settings: Any) -> None:
    """S4.9: adding would ask for the password again after that time."""
    settings.OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE = 60
    client = with_password(alice)
    assert offered(client)
    change_note(client, time=int(time.time()) - 61)
    assert not offered(client)


@pytest.mark.usefixtures("passkey")
def test_next_sign_in_decides_anew(authenticator: Authenticator, client: Client) -> None:
    """S3.5: what the sign-in before left in the session does not outlive it."""
    sign_in(client, authenticator, authenticator_attachment="cross-platform")
    assert client.login(username="alice", password=PASSWORD)
    assert not offered(client)


def test_sign_out_and_another_user(alice: User, bob: User) -> None:
    """S3.5: the note goes with the session; nobody inherits it."""
    client = with_password(alice)
    stored_passkey(bob)
    client.login(username="bob", password=PASSWORD)
    assert not offered(client)
    client = with_password(alice)
    client.logout()
    assert not offered(client)


def test_upgrade_is_switched_off(alice: User) -> None:
    """S3.5: a site offers, and lets no browser add one unasked, by one argument."""
    attributes = offered(with_password(alice), "/quiet/")
    assert attributes
    assert "upgrade" not in attributes.split()
    assert 'options-url="/passkeys/register/options/"' in attributes  # for who presses the button


def test_no_upgrade_before_the_second_factor(alice: User) -> None:
    """S3.5: who must verify a second factor first is offered one, and nothing is added unasked."""
    device = TOTPDevice.objects.create(user=alice, name="phone", confirmed=True)
    client = with_password(alice)
    attributes = offered(client)
    assert attributes
    assert "upgrade" not in attributes.split()
    verify(client, device)
    assert "upgrade" in offered(client).split()


def test_unconfirmed_device_is_no_factor(alice: User) -> None:
    """S3.5: a code that was never set up holds nobody up."""
    TOTPDevice.objects.create(user=alice, name="phone", confirmed=False)
    assert "upgrade" in offered(with_password(alice)).split()


@pytest.mark.parametrize("flag", ["hijack_history", "loginas_from_user", "_impersonate"])
def test_not_while_impersonated(alice: User, flag: str) -> None:
    """P13: support that looks at the site as alice is offered nothing."""
    client = with_password(alice)
    change_session(client, **{flag: ["1"]})
    assert not offered(client)


def test_not_on_the_apps_own_pages(alice: User) -> None:
    """S3.5: where passkeys are added nothing else asks, whatever the namespace is called."""
    client = with_password(alice)
    assert not offered(client, "/account/offer/")
    assert offered(client)


def test_leads_to_the_panel(alice: User) -> None:
    """S3.5: the offer is a link to the button that adds one, which the panel has."""
    client = with_password(alice)
    url, _, fragment = (
        re.search(r'href="([^"]+#[^"]+)"', client.get("/page/").content.decode())
        .group(1)
        .partition("#")
    )
    assert url == reverse("otp_passkeys:list")
    assert f'id="{fragment}" data-add' in client.get(url).content.decode()


@pytest.mark.usefixtures("passkey")
def test_loads_what_it_needs(alice: User, authenticator: Authenticator, settings: Any) -> None:
    """S3.5: a module is loaded only where there is use for it."""
    client = Client()
    sign_in(client, authenticator, authenticator_attachment="cross-platform")
    text = client.get("/page/").content.decode()
    modules = re.compile(r'<script type="module" src="/static/otp_passkeys/([^"]+)"')
    assert modules.findall(text) == ["sync.js", "ceremony.js", "offer.js"]
    settings.OTP_PASSKEYS_SIGNALS = False
    Passkey.objects.all().delete()
    text = with_password(alice).get("/page/").content.decode()
    assert modules.findall(text) == ["ceremony.js", "offer.js"]
