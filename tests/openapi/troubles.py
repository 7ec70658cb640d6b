"""What goes wrong at many an operation of the OpenAPI description, each by a real request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from otp_passkeys.models import Passkey

from ..helpers.faults import IMPATIENT, meanwhile
from ..helpers.reauthentication import grow_old
from .world import World

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTML = "text/html"
FORM = "application/x-www-form-urlencoded"
LATIN = "application/json; charset=latin-1"


def no_proof(world: World, operation: str) -> Response:
    """Ask long after the sign-in."""
    grow_old(world.client)
    return world.send(operation)


def as_page(world: World, operation: str) -> Response:
    """Ask for a passkey that is not there, as a form or a link does."""
    headers = {"Accept": HTML}
    return world.send(operation, b"", pk=99_999, content_type=FORM, headers=headers)


def expired(world: World, operation: str) -> Response:
    """Answer too late."""
    body = world.ceremony(operation)
    world.settings.OTP_PASSKEYS_CHALLENGE_MAX_AGE = -1
    return world.finish(operation, body)


def elsewhere(world: World, operation: str) -> Response:
    """Answer in another browser than the one that was asked."""
    client = Client()
    client.force_login(world.alice, backend="django.contrib.auth.backends.ModelBackend")
    return world.send(operation, world.ceremony(operation), client=client)


def twice(world: World, operation: str) -> Response:
    """Answer again after a refusal."""
    body = world.ceremony(operation, origin="https://evil.example")
    world.finish(operation, body)
    return world.finish(operation, body)


def locked(world: World, operation: str) -> Response:
    """Answer while another connection holds what is to be written."""
    body = world.ceremony(operation)
    with connection.cursor() as cursor:
        cursor.execute(IMPATIENT[connection.vendor])

    def hold() -> None:
        Passkey.objects.update(nickname="held")
        list(User.objects.select_for_update())

    try:
        with meanwhile(hold):
            return world.finish(operation, body)
    finally:
        connection.close()  # the next one is as patient as ever


def impersonated(world: World, operation: str) -> Response:
    """Ask as somebody of the staff who looks at the site as alice."""
    session = world.client.session
    session["hijack_history"] = ["1"]
    session.save()
    world.client.cookies["sessionid"] = session.session_key or ""
    return world.send(operation)


def throttled(world: World, operation: str) -> Response:
    """Ask once too often."""
    world.settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 60
    return world.send(operation)


def unusable(world: World, operation: str) -> Response:
    """Finish at an address that only a wildcard lets in."""
    body = world.ceremony(operation)
    world.settings.ALLOWED_HOSTS = ["*"]
    return world.finish(operation, body)


# What brings an answer about at each operation that has it.
FAMILIES: dict[tuple[int, str], Callable[[World, str], Response]] = {
    (400, "malformed_request"): lambda world, one: world.send(one, b"{"),
    (400, "challenge_expired"): expired,
    (400, "challenge_invalid"): elsewhere,
    (400, "challenge_spent"): twice,
    (401, "not_authenticated"): lambda world, one: world.send(one, client=world.visitor),
    (403, HTML): lambda world, one: world.send(one, client=Client(enforce_csrf_checks=True)),
    (403, "reauthentication_required"): no_proof,
    (403, "impersonated"): impersonated,
    (404, "passkey_not_found"): lambda world, one: world.send(one, pk=99_999),
    (404, HTML): as_page,
    (405, "method_not_allowed"): lambda world, one: world.send(one, method="PUT"),
    (409, "try_again"): locked,
    (413, "too_large"): lambda world, one: world.send(one, {"nickname": "x" * 70_000}),
    (415, "unsupported_media_type"): lambda world, one: world.send(one, content_type=LATIN),
    (422, "verification_failed"): lambda world, one: world.finish(
        one, world.ceremony(one, origin="https://evil.example")
    ),
    (422, "unusable_address"): unusable,
    (429, "throttled"): throttled,
}
