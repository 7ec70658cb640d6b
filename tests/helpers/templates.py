"""Templates rendered as a site's views do it."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template import Context, RequestContext, Template

from otp_passkeys.models import Passkey

from .rows import stored_passkey

SYNC = "{% load otp_passkeys %}{% render_otp_webauthn_sync_signals_scripts %}"
PANEL = "{% load otp_passkeys %}{% passkey_panel %}"
SIGN_IN = "{% load otp_passkeys %}{% passkey_sign_in %}"
APPLE = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"


def stored(user: User, number: int = 1, **fields: Any) -> Passkey:
    """Store a passkey without a ceremony: what is tested here is how it looks."""
    columns = {"aaguid": APPLE, "transports": ["internal"], **fields}
    return stored_passkey(user, credential_id=b"credential %d" % number, **columns)


def render(source: str, request: HttpRequest | None = None, **variables: Any) -> str:
    """Render a template's source as a view would, or without a request."""
    context = RequestContext(request, variables) if request else Context(variables)
    return Template(source).render(context)
