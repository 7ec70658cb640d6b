"""A site that has moved to another domain: old passkeys are dead there, and lock nobody in or out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.safeguards import other_ways_in
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.remembered import signed_in_by_password
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, ask, enrol, outcome, post

OLD = "old.example"


def delete(client: Client, passkey: Passkey) -> str:
    """Delete a passkey, and return how that went."""
    path = reverse("otp_passkeys:delete", args=[passkey.pk])
    response = client.post(path, {}, content_type="application/json", secure=True)
    return outcome(response)


def old_passkey(user: User, **fields: Any) -> Passkey:
    """Give a user a passkey that was made at the old domain."""
    return stored_passkey(user, **{"rp_id": OLD, "nickname": "Old one", **fields})


def test_no_lock_out(carol: User, signed_in: SignedIn, authenticator: Authenticator) -> None:
    """P8: without a password, who has a dead passkey and a live one keeps the live one, and may delete the dead."""
    live = enrol(signed_in(carol), authenticator)
    dead = old_passkey(carol)
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert delete(client, live) == "last_way_in"
    page = client.get(reverse("otp_passkeys:delete", args=[live.pk]))
    assert "your only way to sign in" in page.content.decode()
    assert page.context["is_last"] is True
    assert sign_in(Client(), authenticator).status_code == 200
    assert delete(client, dead) == "204"
    assert delete(client, live) == "last_way_in"


def test_no_lock_in(alice: User, authenticator: Authenticator) -> None:
    """P6: with a password and a dead passkey, the user adds a new one and deletes the old: nothing asks for it."""
    dead = old_passkey(alice)
    client = signed_in_by_password(alice)
    assert register(client, authenticator).status_code == 201
    assert sign_in(Client(), authenticator).status_code == 200
    client = Client()
    assert sign_in(client, authenticator).status_code == 200
    assert delete(client, dead) == "204"


def test_only_a_dead_one(alice: User) -> None:
    """P6, P8: it may be deleted after the password alone."""
    dead = old_passkey(alice)
    client = signed_in_by_password(alice)
    page = client.get(reverse("otp_passkeys:delete", args=[dead.pk])).content.decode()
    assert "does not work at this address" in page
    assert "last passkey" not in page
    assert delete(client, dead) == "204"


def test_nothing_is_lost_with_it(carol: User, signed_in: SignedIn) -> None:
    """P8: nor is a dead passkey the last way in of a user who comes from a backend that the app does not know."""
    dead = old_passkey(carol)
    client = signed_in(carol, verified=False)
    page = client.get(reverse("otp_passkeys:delete", args=[dead.pk]))
    assert (page.context["is_only_way"], page.context["is_last"]) == (False, False)
    assert delete(client, dead) == "204"


@pytest.mark.parametrize("served", ["shop.example.com", "a wildcard", "a callable"])
def test_second_domain(alice: User, settings: Any, served: str) -> None:
    """P6: one of a domain that is still served demands a second factor, or a password alone would do at the other."""
    passkey = old_passkey(alice, rp_id="shop.example.com" if "example" in served else OLD)
    if served == "a wildcard":
        settings.ALLOWED_HOSTS = ["testserver", "*"]
    if served == "a callable":
        settings.OTP_PASSKEYS_RELYING_PARTY = lambda request: RelyingParty(
            "testserver", "Test", ("https://testserver",)
        )
    client = signed_in_by_password(alice)
    assert outcome(post(client, "register-options")) == "reauthentication_required"
    assert delete(client, passkey) == "reauthentication_required"


def test_the_guard_at_each_address(carol: User, signed_in: SignedIn) -> None:
    """P8: one of another domain that is served is no way in here, nor does it go while nothing else is."""
    here, there = stored_passkey(carol), stored_passkey(carol, rp_id="shop.example.com")
    client = signed_in(carol)
    assert delete(client, here) == "last_way_in"
    assert delete(client, there) == "204"
    there = stored_passkey(carol, rp_id="shop.example.com")
    Passkey.objects.filter(pk=here.pk).update(confirmed=False)
    assert delete(signed_in(carol), there) == "last_way_in"


def test_command(carol: User) -> None:
    """P8: support, at no address, counts what works at any that is served; a dead one always goes."""
    here, dead = stored_passkey(carol), old_passkey(carol)
    with pytest.raises(CommandError, match="only way to sign in"):
        call_command("passkeys", "alice", "--delete", str(here.pk))
    there = stored_passkey(carol, rp_id="shop.example.com")
    assert other_ways_in(carol, here) == ["passkey"]
    call_command("passkeys", "alice", "--delete", str(here.pk))
    call_command("passkeys", "alice", "--delete", str(dead.pk))
    assert list(Passkey.objects.all()) == [there]


def test_nothing_asks_for_it(
    alice: User, authenticator: Authenticator, signed_in: SignedIn
) -> None:
    """P6: neither options nor pages offer a dead passkey; a registration excludes it all the same."""
    live = enrol(signed_in(alice), authenticator)
    dead = old_passkey(alice)
    client = signed_in(alice)
    allowed = [one["id"] for one in ask(client, "authenticate-options")["allowCredentials"]]
    assert allowed == [live.id_base64url]
    excluded = [one["id"] for one in ask(client, "register-options")["excludeCredentials"]]
    assert set(excluded) == {live.id_base64url, dead.id_base64url}
    live.delete()
    page = client.get("/passkeys/reauthenticate/").content.decode()
    assert "otp-passkey-sign-in" not in page
    assert 'type="password"' in page


def test_sign_in_as(alice: User) -> None:
    """S4.16: a remembered account whose passkey is dead is asked for its password."""
    client = signed_in_by_password(alice)
    old_passkey(alice)
    client.cookies.pop("sessionid")
    html = client.get("/passkeys/sign-in/").content.decode()
    selector = html.partition('data-account="')[2].partition('"')[0]
    page = client.get("/passkeys/sign-in/", {"account": selector}).content.decode()
    assert 'type="password"' in page
    assert "You’ll use your passkey" not in page
    options = client.post(
        "/passkeys/authenticate/options/",
        {"account": selector},
        content_type="application/json",
        secure=True,
    )
    assert options.json()["allowCredentials"] == []


def test_panel(alice: User, signed_in: SignedIn) -> None:
    """S1.2, S6.10: the panel, whoever renders it, and JSON say for which domain the others are."""
    stored_passkey(alice, nickname="Here")
    dead = old_passkey(alice, nickname="There")
    client = signed_in(alice)
    request = client.get("/").wsgi_request
    tag = Template("{% load otp_passkeys %}{% passkey_panel %}")
    pages = [
        client.get("/passkeys/").content.decode(),
        tag.render(Context({"request": request})),
        client.get(reverse("otp_passkeys:rename", args=[dead.pk])).content.decode(),
        client.get(reverse("otp_passkeys:delete", args=[dead.pk])).content.decode(),
    ]
    for page in pages:
        assert page.count(f"For <bdi>{OLD}</bdi>") == 1
    rows = client.get("/passkeys/", headers={"Accept": "application/json"}).json()["passkeys"]
    assert [(one["rp_id"], one["usable"]) for one in rows] == [("testserver", True), (OLD, False)]
    renamed = client.post(
        reverse("otp_passkeys:rename", args=[dead.pk]),
        {"nickname": "Then"},
        content_type="application/json",
    )
    assert renamed.json()["usable"] is False
    assert "data-promise" not in pages[-1]


def test_advice(alice: User, signed_in: SignedIn) -> None:
    """S2.8: one passkey that works is one, however many old ones there are."""
    stored_passkey(alice)
    old_passkey(alice, backup_eligible=True)
    html = signed_in(alice).get("/passkeys/").content.decode()
    assert 'data-advice="only_one_device"' in html
