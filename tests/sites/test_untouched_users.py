"""Users whom no middleware has seen, as in a REST view that takes its user from a token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from otp_passkeys import actions, offers, sign_ins
from otp_passkeys.actions.confirming import confirm
from otp_passkeys.actions.ways import PasswordWay
from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.impersonation import has_returned
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.reauthentication import mark, reauthentication_required
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import is_signed_in

Maker = Callable[[User], HttpRequest]


def with_token(user: User, method: str = "post") -> HttpRequest:
    """Return a request without a session, whose user a token named."""
    request: HttpRequest = getattr(RequestFactory(), method)("/", secure=True)
    request.user = user
    return request


@pytest.fixture
def with_proof(request_of: Maker) -> Maker:
    """Return a function that makes a request whose session has a proof, and whose user comes from elsewhere."""

    def make(user: User) -> HttpRequest:
        request = request_of(user)
        mark(request, user, method="password")
        assert not hasattr(request.user, "is_verified")
        return request

    return make


@pytest.mark.parametrize("second_factor", [True, False])
@pytest.mark.parametrize("session", ["none", "empty"])
def test_begins_no_registration(
    alice: User, client: Client, session: str, second_factor: bool
) -> None:
    """P6, P7: without a session nothing was proved: the user is asked to confirm, and nothing fails."""
    if second_factor:
        TOTPDevice.objects.create(user=alice, name="app")
    request = with_token(alice)
    if session == "empty":
        request.session = client.session
    with pytest.raises(ReauthenticationRequired) as refusal:
        actions.begin_registration(request)
    assert refusal.value.page.endswith("second-factor") is second_factor


def test_registers(alice: User, with_proof: Maker, authenticator: Authenticator) -> None:
    """S1.1: where the session has a proof the passkey is added, and verifies the session."""
    request = with_proof(alice)
    credential = authenticator.create(actions.begin_registration(request))
    added = actions.register(request, credential)
    assert request.session["otp_device_id"] == added.passkey.persistent_id
    assert Passkey.objects.get().user == alice


def test_finishes_no_registration(
    alice: User, with_proof: Maker, authenticator: Authenticator
) -> None:
    """P15: nor is one finished without the session that began it."""
    request = with_proof(alice)
    credential = authenticator.create(actions.begin_registration(request))
    other = with_token(alice)
    other.META["CSRF_COOKIE"] = request.META["CSRF_COOKIE"]
    with pytest.raises(ReauthenticationRequired):
        actions.register(other, credential)
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("device", ["passkey", "app"])
def test_second_factor_is_demanded(alice: User, with_proof: Maker, device: str) -> None:
    """P6: a user whom django-otp has not seen is not verified."""
    if device == "app":
        TOTPDevice.objects.create(user=alice, name="app")
    else:
        stored_passkey(alice)
    with pytest.raises(ReauthenticationRequired) as refusal:
        actions.begin_registration(with_proof(alice))
    assert refusal.value.page == "reauthenticate-second-factor"


def test_session_that_is_verified(alice: User, eve: User, with_proof: Maker) -> None:
    """P6: the session says by which device it was verified, as long as that is there and this user's."""
    request, passkey = with_proof(alice), stored_passkey(alice)
    for device in (stored_passkey(eve), stored_passkey(alice, confirmed=False)):
        request.session["otp_device_id"] = device.persistent_id
        with pytest.raises(ReauthenticationRequired):
            actions.begin_registration(request)
    request.session["otp_device_id"] = passkey.persistent_id
    actions.begin_registration(request)
    app = TOTPDevice.objects.create(user=alice, name="app")
    request.session["otp_device_id"] = app.persistent_id
    actions.begin_registration(request)
    app.delete()
    with pytest.raises(ReauthenticationRequired):
        actions.begin_registration(request)


@pytest.mark.parametrize("meaning", [True, staticmethod(lambda: True)])
def test_other_meaning_of_verified(
    alice: User, request_of: Maker, monkeypatch: pytest.MonkeyPatch, meaning: Any
) -> None:
    """P6: a user model may say by the same name that an e-mail address was verified. That is no second factor."""
    monkeypatch.setattr(User, "is_verified", meaning, raising=False)
    stored_passkey(alice)
    request = request_of(alice)
    mark(request, alice, method="password")
    with pytest.raises(ReauthenticationRequired):
        actions.begin_registration(request)


def test_deletes(alice: User, with_proof: Maker) -> None:
    """P6: a deletion is refused without a proof, and done with one."""
    passkey = stored_passkey(alice, rp_id="gone.example")  # which demands no second factor
    with pytest.raises(ReauthenticationRequired):
        actions.delete(user=alice, pk=passkey.pk, request=with_token(alice))
    actions.delete(user=alice, pk=passkey.pk, request=with_proof(alice))
    assert not Passkey.objects.exists()


def test_renames(alice: User) -> None:
    """S1.2: a name needs neither proof nor session."""
    passkey = stored_passkey(alice)
    request = with_token(alice)
    actions.rename(user=alice, pk=passkey.pk, nickname="by an API", request=request)
    assert Passkey.objects.get().nickname == "by an API"


def test_begins_to_confirm(alice: User, passkey: Passkey) -> None:
    """T23: without a proof beside it, a passkey must verify its user."""
    options = actions.begin_authentication(with_token(alice))
    assert options["userVerification"] == "required"
    assert [one["id"] for one in options["allowCredentials"]] == [passkey.id_base64url]


@pytest.mark.usefixtures("passkey")
def test_confirms_nothing_without_a_session(alice: User, authenticator: Authenticator) -> None:
    """T6: what a passkey or a password confirms is a session. Without one nothing is judged, spent or written."""
    request = with_token(alice)
    credential = authenticator.get(actions.begin_authentication(request))
    with pytest.raises(ImproperlyConfigured, match=r"authenticate\(\) needs request.session"):
        actions.authenticate(request, credential)
    with pytest.raises(ImproperlyConfigured, match=r"confirm\(\) needs request.session"):
        confirm(request, PasswordWay(alice), {"password": PASSWORD})
    assert not SpentChallenge.objects.exists()
    assert Passkey.objects.get().last_used_at is None


def test_signs_out_nobody(alice: User, browser: Client) -> None:
    """P6: nor does a token end the sessions of its user."""
    with pytest.raises(ReauthenticationRequired):
        actions.sign_out_elsewhere(with_token(alice), password=PASSWORD)
    assert is_signed_in(browser)


def test_says_nothing_of_a_session(alice: User) -> None:
    """P15: no backend opened what is not there, and nobody came back to it."""
    request = with_token(alice)
    assert sign_ins.backend_of(request) is None
    assert not sign_ins.proves_identity(request)
    assert not has_returned(request)
    assert offers.due(request) is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_protected_view(alice: User, method: str) -> None:
    """S4.11: a protected view answers a script, whose user has no session, where to confirm."""
    request = with_token(alice, method)
    request.META["HTTP_ACCEPT"] = "application/json"
    view = reauthentication_required(lambda request: HttpResponse("done"))
    response = view(request)
    assert response.status_code == 403
    assert json.loads(response.content)["code"] == "reauthentication_required"
