"""No answer but a sign-in's tells a browser to forget a passkey, whatever the setting allows."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse

from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.sync import may_signal_unknown
from otp_passkeys.testing import Authenticator, register, sign_in

from ..helpers.steps import SignedIn, ask, enrol


@pytest.fixture(autouse=True)
def allowed(settings: Any) -> None:
    """Allow what the setting can allow."""
    settings.OTP_PASSKEYS_SIGNALS = True


@pytest.mark.parametrize("name", ["rename", "delete"])
@pytest.mark.parametrize("owner", ["nobody", "eve"])
def test_rename_and_delete(
    alice: User, eve: User, signed_in: SignedIn, name: str, owner: str
) -> None:
    """S1.3, S1.10, Y10: a 404 of rename or delete has a code of its own and nothing to forget."""
    passkey = enrol(signed_in(eve), Authenticator())
    if owner == "nobody":
        Passkey.objects.filter(pk=passkey.pk).delete()
    body = {"nickname": "Key", "id": passkey.id_base64url, "credential": {"id": "AAAA"}}
    url = reverse(f"otp_passkeys:{name}", args=[passkey.pk])
    answer = signed_in(alice).post(url, body, content_type="application/json")
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "detail"}
    assert answer.json()["code"] == "passkey_not_found"
    page = signed_in(alice).post(url, {"nickname": "Key"})
    assert page.status_code == 404
    assert b"data-forget" not in page.content


def test_refused_registration(alice: User, eve: User, signed_in: SignedIn) -> None:
    """S1.3, S2.5: no refusal of a registration has anything to forget."""
    taken = Authenticator()
    enrol(signed_in(eve), taken)
    client = signed_in(alice)
    refusals = [
        register(client, Authenticator(), force=True, credential_id=taken.credentials[0].id),
        register(client, Authenticator(), force=True, challenge="AAAA"),
        register(client, Authenticator(), force=True, rp_id="evil.test"),
        register(Client(), Authenticator()),
    ]
    assert [answer.status_code for answer in refusals] == [409, 400, 422, 401]
    assert not any("signal" in answer.json() for answer in refusals)


def test_sign_in_after_a_registration_that_never_came(alice: User, signed_in: SignedIn) -> None:
    """S0.14: what a later sign-in is told of that passkey, and only that, names what to forget."""
    authenticator = Authenticator()
    options = ask(signed_in(alice), "register-options")
    lost = authenticator.create(options)
    answer = sign_in(Client(), authenticator)
    assert answer.json()["signal"] == {"rpId": "testserver", "credentialId": lost["id"]}


@pytest.mark.parametrize(("setting", "may"), [(None, False), (True, True), ("no-unknown", False)])
def test_unknown_under_a_path(settings: Any, setting: object, may: bool) -> None:
    """Y10: a site under a path may have another beside it, whose passkeys have the same RP ID."""
    settings.OTP_PASSKEYS_SIGNALS = setting
    request = RequestFactory().get("/", headers={"Host": "example.com"})
    request.META["SCRIPT_NAME"] = "/shop"
    assert may_signal_unknown(request, RelyingParty("example.com", "", ())) is may
    local = RequestFactory().get("/", headers={"Host": "localhost:8000"})
    if setting is None:
        assert may_signal_unknown(local, RelyingParty("localhost", "", ()))
