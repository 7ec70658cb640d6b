"""The page that asks who is there is no dead end: it says why it asks, how to leave, and who helps."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from ..helpers.reauthentication import (
    NO_RECOVERY,
    PAGE,
    SECOND_FACTOR,
    asks,
    give,
    recovery_codes,
    totp_of,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, lose_password
from ..helpers.targets import HARMFUL
from .test_page import text

PANEL = "/passkeys/"


@pytest.mark.parametrize("can_reset", [True, False])
def test_help_where_the_only_way_may_fail(
    alice: User, signed_in: SignedIn, settings: Any, can_reset: bool
) -> None:
    """S4.7: the only way may be lost, so the page says who helps, unless the password can be reset."""
    if can_reset:
        settings.ROOT_URLCONF = "tests.urls_password_reset"
    assert (NO_RECOVERY in text(signed_in(alice))) is not can_reset
    stored_passkey(alice)
    assert NO_RECOVERY not in text(signed_in(alice))  # two ways
    lose_password(alice)
    assert NO_RECOVERY in text(signed_in(alice))
    totp_of(alice)
    assert NO_RECOVERY not in text(signed_in(alice))
    alice.passkeys.all().delete()
    assert NO_RECOVERY in text(signed_in(alice))


def way_out(page: str) -> str:
    """Return where "Cancel" leads."""
    [address] = re.findall(r'href="([^"]*)">Cancel</a>', page)
    return str(address)


EMBEDDED = f"?{urlencode({'next': '/account/'})}"


@pytest.mark.each_set
@pytest.mark.parametrize(
    ("target", "sentence", "leads_to"),
    [
        ("/passkeys/7/delete/", "To delete a passkey", PANEL),
        (f"/passkeys/7/delete/{EMBEDDED}", "To delete a passkey", PANEL),
        ("http://testserver/passkeys/7/delete/", "To delete a passkey", PANEL),
        ("/passkeys/#otp-passkeys-add", "To add a passkey", PANEL),
        ("/account/#otp-passkeys-add", "To add a passkey", PANEL),
        ("/passkeys/sign-out-elsewhere/", "To sign out everywhere else", PANEL),
        ("/passkeys/", "To continue", PANEL),
        ("/act/", "To continue", "/home/"),
        ("/act/?next=/passkeys/7/delete/", "To continue", "/home/"),
        ("/home/", "To continue", PANEL),  # or it would ask again
        ("/nowhere/", "To continue", "/home/"),
        ("", "To continue", "/home/"),
    ],
)
def test_says_why_and_how_to_leave(
    alice: User, signed_in: SignedIn, settings: Any, target: str, sentence: str, leads_to: str
) -> None:
    """S4.3: the sentence fits where the user goes afterwards; to leave never leads there."""
    settings.LOGIN_REDIRECT_URL = "/home/"
    client = signed_in(alice)
    address = asks(PAGE, target) if target else PAGE
    page = text(client, address)
    assert f"{sentence}, confirm it’s you." in page
    assert page.count("confirm it’s you.") == 1
    assert way_out(page) == leads_to
    wrong = give(client, page=address, password="wrong").content.decode()
    assert f"{sentence}, confirm it’s you." in wrong
    assert way_out(wrong) == leads_to


@pytest.mark.parametrize("target", HARMFUL)
def test_forged_next(alice: User, signed_in: SignedIn, settings: Any, target: str) -> None:
    """T17: what leads to another site is neither named nor left to."""
    settings.LOGIN_REDIRECT_URL = "/home/"
    page = signed_in(alice).get(asks(PAGE, target), secure=True).content.decode()
    assert "To continue, confirm it’s you." in page
    assert way_out(page) in {"/home/", PANEL}


@pytest.mark.parametrize("page", [SECOND_FACTOR, "/passkeys/reauthenticate/passkey/"])
def test_without_a_way(alice: User, signed_in: SignedIn, page: str) -> None:
    """S4.7: who has no way can leave as well."""
    assert way_out(text(signed_in(alice), asks(page, "/act/"))) == "/"


def test_codes_are_named(alice: User, signed_in: SignedIn) -> None:
    """S4.7: the field says which code, and phones show digits where there are only digits."""
    phone, codes = totp_of(alice, name="<my> phone"), recovery_codes(alice, "abc")
    client = signed_in(alice)
    page = text(client, f"{PAGE}?way={phone.persistent_id}")
    assert ">Code from &lt;my&gt; phone</label>" in page
    assert 'inputmode="numeric"' in page
    page = text(client, f"{PAGE}?way={codes.persistent_id}")
    assert ">Recovery code</label>" in page
    assert "inputmode" not in page
