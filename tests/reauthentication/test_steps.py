"""The page where a touch needs a password before it: each state followed by hand to its end, and none in circles."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator, sign_in

from ..conftest import PASSWORD
from ..helpers.reauthentication import (
    BY_PASSKEY,
    NO_RECOVERY,
    PAGE,
    SECOND_FACTOR,
    asks,
    code_of,
    give,
    grow_old,
    is_verified,
    recovery_codes,
    totp_of,
    ways,
)
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn, lose_password

pytestmark = pytest.mark.urls("tests.reauthentication.urls")
TARGET = "/second-factor/"
THEN_KEY = "After this, you’ll use your passkey or security key."
GO = "You’ll use your passkey to verify it’s you<"
PASSWORD_FIELD = 'type="password"'
REQUIRED = 'verification="required"'


@pytest.fixture
def key(passkey: Passkey) -> Passkey:
    """Let alice's passkey be in a security key without PIN, which has never verified anybody."""
    Passkey.objects.update(user_verified=False)
    return passkey


@pytest.fixture
def left_open(alice: User, passkey: Passkey, signed_in: SignedIn) -> Client:
    """Return a browser that alice left open, hours ago, after a password."""
    client = signed_in(alice, verified=False)
    grow_old(client, 10_000)
    return client


def text(client: Client, address: str) -> str:
    """Return a page that shows something."""
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.usefixtures("key")
def test_password_first_and_touch_second(left_open: Client, authenticator: Authenticator) -> None:
    """T23: the page asks for the password, then for the key, and then leads where the user was going."""
    page = left_open.get(TARGET).headers["Location"]
    assert page == asks(SECOND_FACTOR, TARGET)
    first = text(left_open, page)
    assert PASSWORD_FIELD in first
    assert THEN_KEY in first
    assert give(left_open, page=page, password="wrong").status_code == 422
    response = give(left_open, page=page, password=PASSWORD)
    assert response.headers["Location"] == page
    second = text(left_open, page)
    assert GO in second
    assert REQUIRED not in second
    assert PASSWORD_FIELD not in second
    assert THEN_KEY not in second
    done = sign_in(left_open, authenticator, user_verified=False, next=TARGET)
    assert done.json()["redirect_url"] == TARGET
    assert left_open.get(TARGET).status_code == 200


@pytest.mark.usefixtures("key")
def test_unsent_is_told_at_the_end(left_open: Client, authenticator: Authenticator) -> None:
    """S4.10: that nothing was changed is said once, on the page to which both steps lead."""
    page = left_open.post(TARGET).headers["Location"]
    give(left_open, page=page, password=PASSWORD)
    assert left_open.session["otp_passkeys_unsent"] == TARGET
    sign_in(left_open, authenticator, user_verified=False, next=TARGET)
    assert "otp_passkeys_unsent" not in left_open.session


@pytest.mark.usefixtures("passkey")
def test_key_that_may_verify_comes_first(left_open: Client, authenticator: Authenticator) -> None:
    """T23: where the passkey has verified its user before, it alone does; the password is another way to begin."""
    page = asks(SECOND_FACTOR, TARGET)
    first = text(left_open, page)
    assert GO in first
    assert "way=password" in first
    assert THEN_KEY in text(left_open, f"{page}&way=password")
    assert sign_in(left_open, authenticator, next=TARGET).json()["redirect_url"] == TARGET
    assert left_open.get(TARGET).status_code == 200


def test_codes_need_no_first_step(left_open: Client, key: Passkey, alice: User) -> None:
    """T23: a code that the user types is a proof by itself; it stands behind the password in the list."""
    device = totp_of(alice)
    recovery_codes(alice, "code")
    listed = ways(left_open, SECOND_FACTOR)
    assert (listed[0], listed[-1]) == ("Use your password", "Use your passkey")
    assert sorted(listed[1:-1]) == ["Use a code from my phone", "Use a recovery code"]
    page = asks(SECOND_FACTOR, TARGET)
    assert THEN_KEY not in text(left_open, f"{page}&way={device.persistent_id}")
    response = give(left_open, device.persistent_id, page, token=code_of(device))
    assert response.headers["Location"] == TARGET
    assert left_open.get(TARGET).status_code == 200


def test_code_and_no_key(alice: User, stale: Client) -> None:
    """T23: who has no passkey is asked for the code, and the password is no step before it."""
    totp_of(alice)
    page = text(stale, SECOND_FACTOR)
    assert 'autocomplete="one-time-code"' in page
    assert "Try another way" not in page
    assert give(stale, page=SECOND_FACTOR, password=PASSWORD).status_code == 422


@pytest.mark.parametrize("need", [PAGE, SECOND_FACTOR])
@pytest.mark.usefixtures("key")
def test_without_a_password(left_open: Client, alice: User, need: str, settings: Any) -> None:
    """T23: who has no password tries the key, and reads where to find help."""
    lose_password(alice)
    left_open.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    grow_old(left_open)
    page = text(left_open, need)
    assert GO in page
    assert NO_RECOVERY in page
    settings.OTP_PASSKEYS_RECOVERY_URL = "/help/"
    assert 'href="/help/">I can' in text(left_open, need)


def test_any_proof_comes_back_to_the_password(key: Passkey, left_open: Client) -> None:
    """T23: where any proof will do, the password is asked for first and leads on; the key must verify."""
    assert ways(left_open) == ["Use your password", "Use your passkey"]
    page = text(left_open, asks(PAGE, "/act/"))
    assert PASSWORD_FIELD in page
    assert THEN_KEY not in page
    assert NO_RECOVERY not in page
    assert REQUIRED in text(left_open, f"{PAGE}?way=passkey")
    response = give(left_open, page=asks(PAGE, "/act/"), password=PASSWORD)
    assert response.headers["Location"] == "/act/"
    assert left_open.get("/act/").status_code == 200


@pytest.mark.usefixtures("passkey")
def test_younger_proof_than_recent(authenticator: Authenticator, browser: Client) -> None:
    """T23: a view that wants a proof of the last minute gets one: a touch would lead back here for ever."""
    grow_old(browser, 120)
    page = browser.get("/strict/").headers["Location"]
    assert REQUIRED in text(browser, page)
    assert sign_in(browser, authenticator, next="/strict/").json()["redirect_url"] == "/strict/"
    assert browser.get("/strict/").status_code == 200


def test_by_passkey_asks_for_nothing_else(key: Passkey, left_open: Client) -> None:
    """S4.6: where a view asks for a passkey that verified its user, no password comes first."""
    page = text(left_open, BY_PASSKEY)
    assert GO in page
    assert REQUIRED in page
    assert NO_RECOVERY in page
    assert ways(left_open, BY_PASSKEY) == ["Use your passkey"]


def test_always(key: Passkey, left_open: Client, settings: Any) -> None:
    """T23: where a site demands verification always, a password would be a step to nowhere."""
    settings.OTP_PASSKEYS_USER_VERIFICATION = "always"
    assert ways(left_open, SECOND_FACTOR) == ["Use your passkey"]
    assert NO_RECOVERY in text(left_open, SECOND_FACTOR)
    assert give(left_open, page=SECOND_FACTOR, password=PASSWORD).status_code == 422


def test_waited_too_long(key: Passkey, left_open: Client) -> None:
    """T23: who gives the password and comes for the key much later is asked for the password again."""
    page = asks(SECOND_FACTOR, TARGET)
    give(left_open, page=page, password=PASSWORD)
    assert GO in text(left_open, page)
    grow_old(left_open)
    assert PASSWORD_FIELD in text(left_open, page)
    assert not is_verified(left_open)


def test_one_key_of_several_may_verify(left_open: Client, key: Passkey, alice: User) -> None:
    """T23: one passkey that has verified its user is enough for passkeys to come first; another user's is not."""
    stored_passkey(alice, user_verified=False)
    assert PASSWORD_FIELD in text(left_open, SECOND_FACTOR)
    other = stored_passkey(alice, user_verified=True, confirmed=False)
    assert PASSWORD_FIELD in text(left_open, SECOND_FACTOR)
    Passkey.objects.filter(pk=other.pk).update(confirmed=True)
    assert GO in text(left_open, SECOND_FACTOR)
