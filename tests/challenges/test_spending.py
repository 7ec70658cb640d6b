"""Single use: the first answer that names a challenge spends it, whatever the answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path

from otp_passkeys import actions, challenges
from otp_passkeys.challenges import Purpose
from otp_passkeys.exceptions import NotAuthenticated, PasskeyError
from otp_passkeys.models import Passkey, SpentChallenge
from otp_passkeys.testing import Authenticator, from_base64url, to_base64url

from .. import urls
from ..helpers.steps import (
    SignedIn,
    answer,
    ask,
    copy,
    enrol,
    is_signed_in,
    outcome,
    post,
    request_of,
)

Credential = dict[str, Any]


def put(**members: Any) -> Callable[[Credential], None]:
    """Return what replaces members of a credential's response."""
    return lambda credential: credential["response"].update(members)


def add_space(credential: Credential) -> None:
    """Change the bytes that were signed, and nothing that they say."""
    client_data = from_base64url(credential["response"]["clientDataJSON"])
    credential["response"]["clientDataJSON"] = to_base64url(client_data + b" ")


@dataclass(frozen=True)
class Refusal:
    """A way to be refused.

    :param code: what the answer says.
    :param behaviour: of the authenticator.
    :param spoil: changes what it made.
    :param passkey: fields of the row meanwhile, and what they are otherwise.
    :param owner: fields of the user meanwhile, and what they are otherwise.
    """

    code: str = "verification_failed"
    behaviour: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[Credential], None] = lambda credential: None
    passkey: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    owner: tuple[dict[str, Any], dict[str, Any]] = ({}, {})


SAME_ID = b"the ID of another passkey"
REGISTRATIONS = {
    "malformed attestation": Refusal(spoil=put(attestationObject="AAAA")),
    "missing attestation": Refusal(spoil=lambda made: made["response"].pop("attestationObject")),
    "bad signature": Refusal(behaviour={"attestation": "packed"}, spoil=add_space),
    "no key": Refusal(behaviour={"public_key": b"\xa0"}),
    "id is not rawId": Refusal(spoil=lambda made: made.update(rawId="AAAA")),
    "other ceremony": Refusal(behaviour={"client_data": {"type": "webauthn.get"}}),
    "foreign origin": Refusal(behaviour={"origin": "https://evil.example"}),
    "foreign frame": Refusal(behaviour={"cross_origin": True}),
    "foreign RP ID": Refusal(behaviour={"rp_id": "evil.example"}),
    "user absent": Refusal(behaviour={"user_present": False}),
    "user not verified": Refusal(behaviour={"user_verified": False, "force": True}),
    "duplicate ID": Refusal("credential_already_registered", {"credential_id": SAME_ID}),
}
SIGN_INS = {
    "bad signature": Refusal(spoil=add_space),
    "malformed signature": Refusal(spoil=put(signature="AAAA")),
    "missing signature": Refusal(spoil=lambda made: made["response"].pop("signature")),
    "malformed authenticator data": Refusal(spoil=put(authenticatorData="AAAA")),
    "unknown credential": Refusal(
        "credential_not_found", spoil=lambda made: made.update(id="AAAA", rawId="AAAA")
    ),
    "id is not rawId": Refusal(spoil=lambda made: made.update(rawId="AAAA")),
    "other ceremony": Refusal(behaviour={"client_data": {"type": "webauthn.create"}}),
    "foreign origin": Refusal(behaviour={"origin": "https://evil.example"}),
    "foreign RP ID": Refusal(behaviour={"rp_id": "evil.example"}),
    "other user handle": Refusal("credential_user_mismatch", {"user_handle": b"eve"}),
    "no user handle": Refusal(behaviour={"omit_user_handle": True}),
    "user absent": Refusal(behaviour={"user_present": False}),
    "user not verified": Refusal(behaviour={"user_verified": False, "force": True}),
    "sign count": Refusal(
        behaviour={"counter": 9, "backup_eligible": False, "backup_state": False},
        passkey=(
            {"sign_count": 9, "backup_eligible": False},
            {"sign_count": 0, "backup_eligible": True},
        ),
    ),
    "disabled passkey": Refusal(
        "credential_disabled", passkey=({"confirmed": False}, {"confirmed": True})
    ),
    "inactive user": Refusal(
        "credential_disabled", owner=({"is_active": False}, {"is_active": True})
    ),
}


@pytest.mark.parametrize("refusal", REGISTRATIONS.values(), ids=REGISTRATIONS)
def test_refused_registration_spends(
    alice: User,
    bob: User,
    signed_in: SignedIn,
    authenticator: Authenticator,
    refusal: Refusal,
    atomic_requests: None,
) -> None:
    """T6, S3.6: a good answer to the challenge of a refused one comes too late, at every stage."""
    enrol(signed_in(bob), Authenticator(), credential_id=SAME_ID)
    client = signed_in(alice)
    options = ask(client, "register-options")
    made = authenticator.create(options, **refusal.behaviour)
    refusal.spoil(made)
    assert outcome(answer(client, "register", made)) == refusal.code
    good = authenticator.create(options)
    assert outcome(answer(client, "register", good)) == "challenge_spent"
    assert not alice.passkeys.exists()
    assert SpentChallenge.objects.count() == 2  # with bob's


@pytest.mark.parametrize("refusal", SIGN_INS.values(), ids=SIGN_INS)
def test_refused_sign_in_spends(
    client: Client,
    authenticator: Authenticator,
    passkey: Passkey,
    refusal: Refusal,
    atomic_requests: None,
) -> None:
    """T6: nobody tries a second time on one challenge, whatever was wrong with the first try."""
    options = ask(client, "authenticate-options")
    made = authenticator.get(options, **refusal.behaviour)
    refusal.spoil(made)
    row, owner = Passkey.objects.all(), User.objects.all()
    for meanwhile, expected in ((0, refusal.code), (1, "challenge_spent")):
        row.update(**{"confirmed": True, **refusal.passkey[meanwhile]})
        owner.update(**{"is_active": True, **refusal.owner[meanwhile]})
        assert outcome(answer(client, "authenticate", made)) == expected
        made = authenticator.get(options)
    assert not is_signed_in(client)
    assert SpentChallenge.objects.count() == 1
    # What was refused was the challenge: with a new one the passkey is good.
    assert (
        outcome(
            answer(client, "authenticate", authenticator.get(ask(client, "authenticate-options")))
        )
        == "200"
    )


@pytest.mark.usefixtures("passkey")
def test_unreadable_answer_spends_nothing(client: Client, authenticator: Authenticator) -> None:
    """T6: an answer from which no challenge can be read names none."""
    assertion = authenticator.get(ask(client, "authenticate-options"))
    assert outcome(post(client, "authenticate", {"credential": {}})) == "malformed_request"
    assert not SpentChallenge.objects.exists()
    assert outcome(answer(client, "authenticate", assertion)) == "200"


def test_refusal_of_what_another_request_spent(client: Client, db: None) -> None:
    """T6: where another answer came between the refusal and its spending, nothing is to be done."""
    ask(client, "authenticate-options")
    request = request_of(client)
    value = challenges.issue(request, purpose=Purpose.SIGN_IN, requires_user_verification=True)
    challenge = challenges.read(request, value)
    challenges.spend(challenge)
    challenges.spend_refused(challenge)
    assert SpentChallenge.objects.count() == 1


@pytest.mark.each_set
@pytest.mark.parametrize("engine", ["db", "signed_cookies"])
@pytest.mark.parametrize("error", [PermissionDenied, RuntimeError, NotAuthenticated])
def test_trouble_at_sign_in_spends(
    authenticator: Authenticator,
    passkey: Passkey,
    settings: Any,
    error: type[Exception],
    engine: str,
) -> None:
    """T6: a receiver of the site that refuses, or fails, leaves nobody signed in, nothing recorded or to replay."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    client = Client(raise_request_exception=False)

    def refuse(**_: Any) -> None:
        raise error

    options = ask(client, "authenticate-options")
    assertion, before = authenticator.get(options), copy(client)
    user_logged_in.connect(refuse)
    try:
        assert answer(client, "authenticate", assertion).status_code in (401, 403, 500)
    finally:
        user_logged_in.disconnect(refuse)
    assert not is_signed_in(client)
    assert Passkey.objects.get().last_used_at is None
    assert outcome(answer(before, "authenticate", assertion)) == "challenge_spent"


def finish(request: HttpRequest) -> JsonResponse:
    """Finish a ceremony as a site's own view does, and answer a refusal."""
    try:
        actions.authenticate(request, json.loads(request.body)["credential"])
    except PasskeyError as error:
        return JsonResponse({"code": error.code}, status=422)
    return JsonResponse({})


urlpatterns = [*urls.urlpatterns, path("finish/", finish)]


@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("passkey", "atomic_requests")
def test_view_of_the_site(client: Client, authenticator: Authenticator) -> None:
    """T6: a 4xx of a site's own view that calls the action spends too, in a transaction of the request's as well."""
    options = ask(client, "authenticate-options")
    heard = []
    for origin in ("https://evil.example", "https://testserver"):
        assertion = authenticator.get(options, origin=origin)
        response = client.post("/finish/", {"credential": assertion}, "application/json")
        heard.append(outcome(response))
    assert heard == ["verification_failed", "challenge_spent"]
