"""JSON that no browser sends, anywhere in an answer."""

import copy
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from otp_passkeys.testing import Authenticator

from ..helpers.steps import SignedIn, answer, ask, enrol, is_signed_in, outcome

# What nothing depends on.
UNREAD = {"clientExtensionResults", "authenticatorAttachment"}
UNREAD_RESPONSE: dict[str, set[tuple[Any, ...]]] = {
    "register": {("transports",), ("publicKey",), ("publicKeyAlgorithm",), ("authenticatorData",)},
    "authenticate": set(),
}
ODDITIES: list[Any] = [
    None, True, 0, -1, 10**4000, 1.5, "", "x", "\x00", "\ud800", "A" * 40_000, [], [[]], {}, {"a": {}},
]  # fmt: skip
NAMES = [
    "missing", "null", "true", "zero", "negative", "huge", "fraction", "no text", "text", "NUL",
    "surrogate", "long", "empty array", "array in array", "empty object", "object in object",
]  # fmt: skip


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """Name all members of nested objects and lists, outermost first."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (key,)
            yield from ((key, *rest) for rest in paths(inner))


def with_oddity(value: Any, path: tuple[Any, ...], oddity: object) -> Any:
    """Replace what is at a path, or remove it where the oddity is ``...``."""
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    if oddity is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = oddity
    return changed


@pytest.mark.parametrize("oddity", [..., *ODDITIES], ids=NAMES)
@pytest.mark.parametrize("name", ["register", "authenticate"])
def test_survives_oddities_anywhere(
    alice: User, signed_in: SignedIn, name: str, oddity: object
) -> None:
    """Any JSON in place of any member: a 4xx or, where it means nothing, a success (the nine, 9)."""
    authenticator = Authenticator()
    enrol(signed_in(alice), authenticator)
    client = signed_in(alice) if name == "register" else Client()

    def make() -> dict[str, Any]:
        options = ask(client, f"{name}-options")
        return Authenticator().create(options) if name == "register" else authenticator.get(options)

    for path in list(paths(make())):
        began = time.process_time()  # a busy machine is no hang
        response = answer(client, name, with_oddity(make(), path, oddity))
        assert time.process_time() - began < 1
        if path[0] in UNREAD or path[1:2] in UNREAD_RESPONSE[name]:
            assert response.status_code in (200, 201), path
            if name == "authenticate":
                assert is_signed_in(client)
                client.logout()
        else:
            assert response.status_code in (400, 403, 404, 422), path
            assert outcome(response)
            assert name == "register" or not is_signed_in(client)
