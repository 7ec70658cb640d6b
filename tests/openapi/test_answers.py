"""Every answer that the OpenAPI description has is brought about by a real request, in the shape described."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication.marker import MARKER
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.reauthentication import grow_old, keep
from ..helpers.registries import KONAI
from ..helpers.rows import stored_passkeys
from ..helpers.steps import SignedIn, is_signed_in
from .description import BY_ID, JSON, Kind, kind_of, kinds
from .troubles import FAMILIES, FORM, HTML, locked
from .world import World

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

LENIENT = "django.contrib.auth.backends.AllowAllUsersModelBackend"


@pytest.fixture
def world(
    alice: User,
    eve: User,
    passkey: Passkey,
    signed_in: SignedIn,
    authenticator: Authenticator,
    settings: Any,
) -> World:
    """Return alice's site."""
    return World(
        alice=alice,
        eve=eve,
        client=signed_in(alice),
        passkey=passkey,
        authenticator=authenticator,
        settings=settings,
    )


def inactive(world: World) -> Response:
    """Ask for a user whom a lenient backend keeps signed in."""
    world.settings.AUTHENTICATION_BACKENDS = [LENIENT]
    world.client.force_login(world.alice, backend=LENIENT)
    User.objects.update(is_active=False)
    return world.send("authenticateOptions")


def switched_off(world: World) -> Response:
    """Sign in with a passkey that somebody has switched off."""
    Passkey.objects.update(confirmed=False)
    return world.sign_in()


def second_step(world: World) -> Response:
    """Sign in with a passkey that another package used after the password only."""
    Passkey.objects.update(second_step_only=True)
    return world.sign_in()


def unknown(world: World) -> Response:
    """Sign in with a passkey that is deleted."""
    Passkey.objects.all().delete()
    return world.sign_in()


def last_way_in(world: World) -> Response:
    """Delete the only passkey of a user without a password."""
    world.alice.set_unusable_password()
    world.alice.save()
    assert world.sign_in().status_code == 200
    return world.send("delete", client=world.visitor)


def too_many(world: World) -> Response:
    """Ask for another passkey in an account that has as many as it can have."""
    stored_passkeys(world.alice, [""] * 99)
    return world.send("registerOptions")


def far_too_many(world: World) -> Response:
    """Add a passkey with options that were kept until the account had twice as many as it can have."""
    body = world.registration()
    stored_passkeys(world.alice, [""] * 199)
    return world.send("register", body)


def first_handle(world: World) -> Response:
    """Ask for a first passkey while another connection holds the account."""
    world.client.force_login(world.eve, backend="django.contrib.auth.backends.ModelBackend")
    return locked(world, "registerOptions")


def proof_is_gone(world: World) -> Response:
    """Finish a registration in a session whose proof has ended meanwhile."""
    body = world.registration()
    keep(world.client, **{MARKER: None})
    return world.send("register", body)


def forget(world: World) -> Response:
    """Sign out, and be forgotten by this browser."""
    assert world.sign_in().status_code == 200
    response = world.send("forget", {"sign_out": "1"}, client=world.visitor)
    assert not is_signed_in(world.visitor)
    return response


def large_form(world: World, operation: str) -> Response:
    """Send a form where none is taken, and JSON would be left unread."""
    return world.send(operation, b"x" * 70_000, content_type=FORM)


def icon(world: World, aaguid: str, **options: Any) -> Response:
    """Fetch the icon of another provider."""
    world.aaguid = aaguid
    return world.send("icon", **options)


def prove(world: World, operation: str) -> Response:
    """Give the password, which is a first step where a passkey or a second factor is asked for."""
    Passkey.objects.update(second_step_only=True)
    grow_old(world.client)
    response = world.send(operation, {"way": "password", "password": PASSWORD})
    assert ("ways" in response.json()) is (operation != "reauthenticate")
    return response


def prove_too_often(world: World, operation: str) -> Response:
    """Send a proof once too often."""
    world.settings.OTP_PASSKEYS_THROTTLE = lambda request, occasion: 60
    return world.send(operation, {"way": "passkey"})


def reauthentications() -> Iterator[tuple[Kind, Callable[[World], Response]]]:
    """Yield what the three addresses answer that ask who the user is."""
    for name in ("reauthenticate", "reauthenticatePasskey", "reauthenticateSecondFactor"):
        yield (f"{name}Ways", 200, JSON), partial(World.send, operation=f"{name}Ways")
        yield (name, 200, JSON), partial(prove, operation=name)
        yield (name, 429, "throttled"), partial(prove_too_often, operation=name)
        body = {"way": "passkey"}  # which no form proves
        refused = partial(World.send, operation=name, body=body)
        yield (name, 422, "reauthentication_failed"), refused


# What is like no other.
SPECIAL: dict[Kind, Callable[[World], Response]] = {
    ("list", 200, JSON): lambda world: world.send("list"),
    ("registerOptions", 200, JSON): lambda world: world.send(
        "registerOptions", {"hints": ["hybrid"]}
    ),
    ("registerOptions", 204, ""): lambda world: world.send(
        "registerOptions", {"upgrade": True}, client=world.visitor
    ),
    ("registerOptions", 413, "too_large"): lambda world: large_form(world, "registerOptions"),
    ("registerOptions", 409, "too_many_passkeys"): too_many,
    ("registerOptions", 409, "try_again"): first_handle,
    ("register", 201, JSON): lambda world: world.send(
        "register", world.registration() | {"nickname": "x" * 65}
    ),
    ("register", 403, "reauthentication_required"): proof_is_gone,
    ("register", 409, "credential_already_registered"): lambda world: world.register(
        credential_id=world.authenticator.credentials[0].id, force=True
    ),
    ("register", 409, "too_many_passkeys"): far_too_many,
    ("authenticateOptions", 200, JSON): lambda world: world.send("authenticateOptions"),
    ("authenticateOptions", 413, "too_large"): lambda world: large_form(
        world, "authenticateOptions"
    ),
    ("authenticateOptions", 401, "not_authenticated"): inactive,
    ("authenticate", 200, JSON): lambda world: world.sign_in(),
    ("authenticate", 403, "credential_disabled"): switched_off,
    ("authenticate", 403, "second_step_only"): second_step,
    ("authenticate", 403, "credential_user_mismatch"): lambda world: world.sign_in(
        user_handle=b"1"
    ),
    ("authenticate", 404, "credential_not_found"): unknown,
    ("renamePage", 200, HTML): lambda world: world.send("renamePage"),
    ("rename", 200, JSON): lambda world: world.send("rename", {"nickname": "Desk"}),
    ("rename", 422, "invalid_nickname"): lambda world: world.send("rename", {"nickname": "x" * 65}),
    ("deletePage", 200, HTML): lambda world: world.send("deletePage"),
    ("delete", 204, ""): lambda world: world.send("delete"),
    ("delete", 409, "last_way_in"): last_way_in,
    ("forget", 302, ""): forget,
    ("signOutElsewherePage", 200, HTML): lambda world: world.send("signOutElsewherePage"),
    ("signOutElsewhere", 204, ""): lambda world: world.send(
        "signOutElsewhere", {"password": PASSWORD}
    ),
    ("signOutElsewhere", 422, "reauthentication_failed"): lambda world: world.send(
        "signOutElsewhere", {"password": "wrong"}
    ),
    ("sync", 200, JSON): lambda world: world.send("sync"),
    ("sync", 204, ""): lambda world: world.send("sync", client=world.visitor),
    ("syncDone", 204, ""): lambda world: world.send("syncDone", world.options("sync")),
    ("icon", 200, "image/svg+xml"): lambda world: world.send("icon"),
    ("icon", 200, "image/png"): lambda world: icon(world, KONAI),
    ("icon", 404, HTML): lambda world: icon(
        world, "unknown", content_type=FORM, headers={"Accept": "image/*"}
    ),
    ("icon", 404, "not_found"): lambda world: icon(world, "unknown"),
    **dict(reauthentications()),
}


@pytest.mark.parametrize(
    "kind",
    [
        # A lock is held by another connection, so what it locks must be committed.
        pytest.param(kind, marks=pytest.mark.django_db(transaction=kind[2] == "try_again"))
        for kind in sorted(kinds())
    ],
    ids=lambda kind: " ".join(map(str, kind)),
)
def test_answer(world: World, kind: Kind) -> None:
    """An answer that is described is given, and in the shape described (S4)."""
    operation, status, what = kind
    special = SPECIAL.get(kind)
    response = special(world) if special else FAMILIES[status, what](world, operation)
    assert kind_of(operation, response) == kind
    # The icons are for ever, and the page of a failed CSRF check is Django's.
    if operation != "icon" and (status, what) != (403, HTML):
        assert "no-store" in response["Cache-Control"]


# A lock stops the session too, which is the site's own trouble; and pages are no part of the description.
TRIED = [
    pytest.param(operation, trouble, id=f"{operation} {trouble[0]} {trouble[1]}")
    for operation in BY_ID
    for trouble in sorted(set(FAMILIES) - {(409, "try_again"), (404, HTML)})
]


@pytest.mark.parametrize(("operation", "trouble"), TRIED)
def test_nothing_else(world: World, operation: str, trouble: tuple[int, str]) -> None:
    """What is wrong at one operation is tried at all, and none gives an answer that is not described (S4)."""
    kind_of(operation, FAMILIES[trouble](world, operation))


def test_nothing_is_left_over() -> None:
    """Each request above is there for an answer that is described."""
    described = set(kinds())
    assert set(SPECIAL) <= described
    assert set(FAMILIES) == {kind[1:] for kind in described - set(SPECIAL)}
