"""Read what a page asks for, as strictly as a browser does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import NotSupportedError
from .wire import from_base64url


def text(members: Mapping[str, Any], member: str) -> str:
    """Return a member that must be a string, empty or not.

    :raises TypeError: if it is missing or anything else.
    """
    value = members.get(member)
    if not isinstance(value, str):
        raise TypeError(f"{member} must be a string.")
    return value


def user_handle(user: Mapping[str, Any]) -> bytes:
    """Return `user.id`, 1 to 64 bytes (WebAuthn L3 §5.4.3).

    :raises TypeError: if it is not unpadded base64url or of another length.
    """
    handle = from_base64url(user.get("id"))
    if not 1 <= len(handle) <= 64:
        raise TypeError("user.id must be 1 to 64 bytes.")
    return handle


def credential_ids(descriptors: object) -> set[bytes]:
    """Return the IDs in `excludeCredentials` or `allowCredentials`, none if that is missing.

    :raises TypeError: if it is not a list, or an ID in it is not unpadded base64url.
    """
    if descriptors is None:
        return set()
    if not isinstance(descriptors, (list, tuple)):
        raise TypeError("A list of credentials must be a list.")
    return {from_base64url(each["id"]) for each in descriptors if each["type"] == "public-key"}


def wants_discoverable(selection: Mapping[str, Any]) -> bool:
    """Say whether `residentKey`, or Level 1's `requireResidentKey`, asks for a discoverable one."""
    asked = selection.get("residentKey")
    if asked is None:
        return bool(selection.get("requireResidentKey"))
    return asked in ("preferred", "required")


def first_algorithm(options: Mapping[str, Any], supported: Sequence[int]) -> int:
    """Return the first COSE algorithm of `pubKeyCredParams` that is supported.

    :raises NotSupportedError: if none is.
    """
    for parameters in options["pubKeyCredParams"]:
        if parameters["type"] == "public-key" and parameters["alg"] in supported:
            return int(parameters["alg"])
    raise NotSupportedError("None of the algorithms offered is supported.")
