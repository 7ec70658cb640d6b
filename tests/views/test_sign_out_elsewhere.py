"""The page that signs a user out everywhere else: who gets it, what it asks, and where it is offered."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.reauthentication import grow_old, keep
from ..helpers.sign_out_elsewhere import PAGE, end_others
from ..helpers.steps import SignedIn, csrf_secret, is_signed_in, lose_password, outcome


def test_needs_a_proof(alice: User, passkey: Passkey, signed_in: SignedIn) -> None:
    """P6: an old session is asked first, by page and by script, and one without the second factor too."""
    old = signed_in(alice)
    grow_old(old)
    halfway = signed_in(alice, verified=False)
    before = User.objects.get().password
    for client in (old, halfway):
        for response in (client.get(PAGE), end_others(client, password=PASSWORD)):
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/passkeys/reauthenticate/")
        assert outcome(end_others(client, as_json=True)) == "reauthentication_required"
    assert User.objects.get().password == before


def test_get_changes_nothing(alice: User, signed_in: SignedIn) -> None:
    """P3: the page says what will be done, and does nothing."""
    here, other = signed_in(alice), signed_in(alice)
    before = User.objects.get().password
    response = here.get(PAGE, {"password": PASSWORD}, secure=True)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["X-Frame-Options"] == "DENY"
    assert here.head(PAGE).status_code == 200
    assert User.objects.get().password == before
    assert is_signed_in(other)


def test_csrf(alice: User, signed_in: SignedIn) -> None:
    """P3: without the token nothing is done."""
    client = signed_in(alice, enforce_csrf_checks=True)
    client.get(PAGE)
    assert end_others(client, password=PASSWORD).status_code == 403
    token = {"X-CSRFToken": csrf_secret(client)}
    assert client.post(PAGE, {"password": PASSWORD}, headers=token).status_code == 200


def test_visitor(db: None) -> None:
    """P11: a visitor is sent to sign in."""
    assert Client().get(PAGE).headers["Location"] == f"/passkeys/sign-in/?next={PAGE}"
    assert outcome(end_others(Client(), as_json=True)) == "not_authenticated"


def test_impersonated(browser: Client) -> None:
    """P13: support, who looks at the site as alice, ends nothing."""
    keep(browser, hijack_history=["1"])
    for response in (browser.get(PAGE), end_others(browser, password=PASSWORD)):
        assert response.status_code == 403
    assert "sign-out-elsewhere" not in browser.get("/passkeys/").content.decode()


def test_throttled(alice: User, signed_in: SignedIn, settings: Any) -> None:
    """T20: the site's limit is asked before the password is judged, and told of a wrong one."""
    asked: list[str] = []
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: asked.append(occasion)
    client = signed_in(alice)
    end_others(client, password="wrong")
    assert asked == ["answer", "refused"]
    settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 90
    before = User.objects.get().password
    for as_json in (True, False):
        response = end_others(client, as_json=as_json, password=PASSWORD)
        assert (response.status_code, response["Retry-After"]) == (429, "90")
    assert User.objects.get().password == before


@pytest.mark.parametrize("has_password", [True, False])
def test_page(alice: User, signed_in: SignedIn, has_password: bool) -> None:
    """S1.14: the page says whose account it is and what will happen, and asks only for what there is."""
    if not has_password:
        lose_password(alice)
    html = signed_in(alice).get(PAGE).content.decode()
    assert "<bdi>alice</bdi>" in html
    assert ("Enter your password" in html) is has_password
    assert ('autocomplete="current-password"' in html) is has_password


def test_offered_after_a_deletion(passkey: Passkey, browser: Client) -> None:
    """P11, P15: who has just deleted a passkey is offered it, and the panel always has the way there."""
    html = browser.get("/passkeys/").content.decode()
    assert f'href="{PAGE}"' in html
    assert "data-after-deletion hidden" in html
    response = browser.post(f"/passkeys/{passkey.pk}/delete/", follow=True)
    html = response.content.decode()
    assert "data-after-deletion>" in html
    assert "sign them out too" in html
