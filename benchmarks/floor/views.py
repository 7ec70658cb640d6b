"""Five addresses: options and answer of both ceremonies, and the list."""

from __future__ import annotations

import json
from typing import Any

import django_otp
from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.http import require_GET, require_POST
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .models import FloorPasskey

RP_ID = "testserver"
ORIGIN = "https://testserver"
CHALLENGE = "floor_challenge"
MINUTES_5 = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"
# KeyError is what JSON that lacks a member raises, and a cookie that is missing.
_REFUSED = (KeyError, ValueError, BadSignature, WebAuthnException, FloorPasskey.DoesNotExist)


def _handle(user: Any) -> bytes:
    return salted_hmac("floor", str(user.pk), algorithm="sha256").digest()


def _asked(options: Any, salt: str) -> HttpResponse:
    """Answer with options, and leave their challenge with the browser: no row is cheaper than none."""
    response = HttpResponse(options_to_json(options), content_type="application/json")
    response.set_signed_cookie(
        CHALLENGE,
        bytes_to_base64url(options.challenge),
        salt=salt,
        max_age=MINUTES_5,
        secure=True,
        httponly=True,
        samesite="Strict",
    )
    return response


def _challenge(request: HttpRequest, salt: str) -> bytes:
    value = request.get_signed_cookie(CHALLENGE, salt=salt, max_age=MINUTES_5)
    return base64url_to_bytes(str(value))


def _answered(passkey: FloorPasskey, status: int = 200) -> HttpResponse:
    response = JsonResponse({"id": passkey.pk}, status=status)
    response.delete_cookie(CHALLENGE, samesite="Strict")
    return response


@login_required
@require_POST
def register_options(request: HttpRequest) -> HttpResponse:
    """Ask for a new passkey."""
    user: Any = request.user
    rows = FloorPasskey.objects.filter(user=user).values_list("credential_id", "transports")
    options = generate_registration_options(
        rp_id=RP_ID,
        rp_name="Floor",
        user_id=_handle(user),
        user_name=user.get_username(),
        user_display_name=user.get_full_name(),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=bytes(row[0]), transports=[AuthenticatorTransport(one) for one in row[1]]
            )
            for row in rows
        ],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return _asked(options, salt=f"register-{user.pk}")


@login_required
@require_POST
def register(request: HttpRequest) -> HttpResponse:
    """Take the new passkey."""
    try:
        answer = json.loads(request.body)
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=_challenge(request, salt=f"register-{request.user.pk}"),
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            require_user_verification=True,
        )
    except _REFUSED:
        return HttpResponseBadRequest()
    passkey = FloorPasskey.objects.create(
        user=request.user,
        name="Passkey",
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=answer["response"].get("transports", []),
        backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
        backup_state=verified.credential_backed_up,
    )
    return _answered(passkey, status=201)


@require_POST
def sign_in_options(request: HttpRequest) -> HttpResponse:
    """Ask for any passkey."""
    options = generate_authentication_options(
        rp_id=RP_ID, user_verification=UserVerificationRequirement.REQUIRED
    )
    return _asked(options, salt="sign-in")


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Take the passkey, and sign its user in."""
    try:
        answer = json.loads(request.body)
        challenge = _challenge(request, salt="sign-in")
        passkey = FloorPasskey.objects.select_related("user").get(
            credential_id=base64url_to_bytes(answer["rawId"]), confirmed=True, user__is_active=True
        )
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        handle = base64url_to_bytes(answer["response"]["userHandle"])
    except _REFUSED:
        return HttpResponseBadRequest()
    count = verified.new_sign_count
    is_new = Q(sign_count__lt=count) if count else Q(sign_count=0)
    changed = FloorPasskey.objects.filter(is_new, pk=passkey.pk).update(
        sign_count=count,
        backup_state=verified.credential_backed_up,
        last_used_at=timezone.now(),
    )
    if not changed or not constant_time_compare(handle, _handle(passkey.user)):
        return HttpResponseBadRequest()
    auth.login(request, passkey.user, backend=BACKEND)
    django_otp.login(request, passkey)
    return _answered(passkey)


@login_required
@require_GET
def passkeys(request: HttpRequest) -> HttpResponse:
    """List the user's passkeys, as a page or as JSON."""
    rows = FloorPasskey.objects.filter(user=request.user).order_by("pk")
    if request.GET.get("format") == "json":
        names = ("pk", "name", "created_at", "last_used_at", "backup_state")
        return JsonResponse({"passkeys": list(rows.values(*names))})
    return render(request, "floor/list.html", {"passkeys": rows})
