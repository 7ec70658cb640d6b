"""Which passkeys a user can use at an address, and which demand to be used."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.timezone import now
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty, is_served
from otp_passkeys.usable import for_sign_in, has_second_factor, listed, usable_here, usable_passkeys

from .helpers.rows import stored_passkey


def at(host: str) -> HttpRequest:
    """Return a request to a host."""
    return RequestFactory().get("/", SERVER_NAME=host)


def tenant(request: HttpRequest) -> RelyingParty:
    """Make each host a relying party of its own."""
    host = request.get_host()
    return RelyingParty(host, host, (f"https://{host}",))


@pytest.mark.parametrize(
    ("hosts", "served", "gone"),
    [
        (
            ["new.example"],
            ["new.example", "example"],
            ["old.example", "a.new.example", "ew.example"],
        ),
        (["www.new.example"], ["www.new.example", "new.example"], ["old.new.example"]),
        (["New.Example"], ["new.example"], ["old.example"]),
        (
            [".new.example"],
            ["new.example", "a.new.example", "b.a.new.example"],
            ["old.example", "anew.example"],
        ),
        ([".New.example"], ["new.example", "a.new.example"], ["old.example"]),
        (["*"], ["new.example", "old.example"], []),
        (["new.example", "*"], ["old.example"], []),
    ],
)
def test_is_served(settings: Any, hosts: list[str], served: list[str], gone: list[str]) -> None:
    """P8: an RP ID is served where a host that Django lets in may use it."""
    settings.ALLOWED_HOSTS = hosts
    assert [one for one in [*served, *gone] if is_served(one)] == served


@pytest.mark.parametrize("debug", [True, False])
def test_is_served_in_development(settings: Any, debug: bool) -> None:
    """P8: with DEBUG and no hosts Django lets localhost through; without DEBUG nobody."""
    settings.ALLOWED_HOSTS, settings.DEBUG = [], debug
    assert is_served("localhost") is debug
    assert is_served("shop.localhost") is debug
    assert not is_served("old.example")


def test_is_served_by_setting(settings: Any) -> None:
    """P8: what the settings name is served, and a callable may serve any."""
    settings.ALLOWED_HOSTS = ["new.example"]
    settings.OTP_PASSKEYS_RP_ID = "old.example"
    assert is_served("old.example")
    assert not is_served("older.example")
    settings.OTP_PASSKEYS_RELYING_PARTY = tenant
    assert is_served("older.example")


def test_usable_here(alice: User) -> None:
    """P8, S6.10: a passkey works at the address of its RP ID and nowhere else, unless it is switched off."""
    here = stored_passkey(alice, rp_id="example.com")
    stored_passkey(alice, rp_id="example.com", confirmed=False)
    there = stored_passkey(alice, rp_id="shop.example.com")
    assert usable_here(at("example.com"), Passkey.objects.all()) == [here]
    # Not one of a parent either: without a setting, the RP ID is the host.
    assert usable_here(at("shop.example.com"), Passkey.objects.all()) == []
    there.rp_id = "localhost"
    assert usable_here(at("localhost"), [here, there]) == [there]


def test_unusable_address(alice: User, settings: Any) -> None:
    """T26: where no RP ID can be derived, none is usable, and that is no error."""
    settings.ALLOWED_HOSTS = ["*"]
    passkey = stored_passkey(alice, rp_id="any.example")
    assert usable_here(at("any.example"), [passkey]) == []
    assert [one.elsewhere for one in listed(at("any.example"), alice)] == [True]


def test_newest_first(alice: User) -> None:
    """P8: the most recently used comes first, those never used last."""
    moment = now()
    never = stored_passkey(alice)
    old = stored_passkey(alice, last_used_at=moment - datetime.timedelta(days=2))
    new = stored_passkey(alice, last_used_at=moment)
    stored_passkey(alice, rp_id="old.example", last_used_at=moment)
    assert usable_passkeys(at("testserver"), alice) == [new, old, never]


def test_listed(alice: User, eve: User) -> None:
    """P8: all are listed, those of other addresses marked."""
    stored_passkey(eve)
    passkeys = [stored_passkey(alice), stored_passkey(alice, rp_id="old.example")]
    found = listed(at("testserver"), alice)
    assert found == passkeys
    assert [one.elsewhere for one in found] == [False, True]


def test_ways_in(alice: User) -> None:
    """P8: with a request those of its address are a way in, without one those of any that is served."""
    here = stored_passkey(alice)
    there = stored_passkey(alice, rp_id="shop.example.com")
    stored_passkey(alice, rp_id="old.example")
    stored_passkey(alice, confirmed=False)
    every = list(Passkey.objects.order_by("pk"))
    assert for_sign_in(at("testserver"), every) == [here]
    assert for_sign_in(None, every) == [here, there]


@pytest.mark.parametrize(
    ("fields", "demands"),
    [
        ({}, True),
        # Of another domain that is served: a password alone could change passkeys here otherwise.
        ({"rp_id": "shop.example.com"}, True),
        ({"rp_id": "old.example"}, False),
        ({"confirmed": False}, False),
    ],
)
@pytest.mark.parametrize("at_hand", [True, False])
def test_second_factor(
    alice: User, eve: User, fields: dict[str, Any], demands: bool, at_hand: bool
) -> None:
    """P6: a passkey that works at some address of the site demands a second factor; a dead one does not."""
    stored_passkey(eve)
    passkeys = [stored_passkey(alice, **fields)] if at_hand else None
    if not at_hand:
        stored_passkey(alice, **fields)
    assert has_second_factor(alice, passkeys) is demands
    TOTPDevice.objects.create(user=alice, name="app", confirmed=False)
    assert has_second_factor(alice, passkeys) is demands
    TOTPDevice.objects.create(user=alice, name="app")
    assert has_second_factor(alice, passkeys) is True


class DevicesOnReplica:
    """A router whose reads of devices go to a replica that cannot be reached."""

    def db_for_read(self, model: type[Any], **hints: Any) -> str | None:
        return "replica" if model._meta.app_label.startswith("otp_") else None


def test_second_factor_is_read_where_writes_go(alice: User, settings: Any) -> None:
    """P6: a replica that lags does not let a password alone add a passkey after a device was added."""
    settings.DATABASE_ROUTERS = [f"{__name__}.DevicesOnReplica"]
    assert not has_second_factor(alice)
    TOTPDevice.objects.using("default").create(user=alice, name="app")
    assert has_second_factor(alice)


@pytest.mark.parametrize(("discoverable", "counts"), [(True, True), (None, True), (False, False)])
def test_way_in_is_found_by_anybody(alice: User, discoverable: bool | None, counts: bool) -> None:
    """P8: a key that lists no passkey signs in only where the account is remembered: nobody is left with it."""
    passkey = stored_passkey(alice, discoverable=discoverable)
    for request in (at("testserver"), None):
        assert for_sign_in(request, [passkey]) == ([passkey] if counts else [])
    assert usable_here(at("testserver"), [passkey]) == [passkey]
