"""django-two-factor-auth: the form and the method that its wizard uses."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from two_factor.plugins.webauthn.forms import WebauthnDeviceValidationForm
from two_factor.plugins.webauthn.method import WebAuthnMethod
from two_factor.plugins.webauthn.models import WebauthnDevice

from . import Authenticator, Package, a_request


def register(user: User, authenticator: Authenticator, **behaviour: Any) -> None:
    request = a_request(user)
    WebauthnDeviceValidationForm(None, request)
    options = json.loads(request.session["webauthn_creation_options"])
    made = authenticator.create(options, **{"discoverable": True, **behaviour})
    form = WebauthnDeviceValidationForm(None, request, data={"token": json.dumps(made)})
    assert form.is_valid(), form.errors
    WebAuthnMethod().get_device_from_setup_data(request, {"webauthn": form.cleaned_data}).save()


def rows() -> list[Any]:
    return list(WebauthnDevice.objects.order_by("pk"))


def _set(**values: Any) -> Any:
    return lambda row: WebauthnDevice.objects.filter(pk=row.pk).update(**values)


PACKAGE = Package(
    register=register,
    rows=rows,
    kept=frozenset({"sign_count"}),
    has_names=False,
    signs_in_alone=False,
    spoilt={
        "no key": (_set(public_key=""), "no public key can be read from it"),
        "no ID": (_set(key_handle=""), "the credential ID is empty or too long"),
        "a negative count": (_set(sign_count=-1), "the sign count is not a number of 32 bits"),
    },
)
