"""Say to type checkers which fields of `Behaviour` one ceremony may override."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict
from uuid import UUID


class Overrides(TypedDict, total=False):
    """The fields of `Behaviour`, each with its type, for `**overrides: Unpack[Overrides]` of your own helpers."""

    origin: str
    cross_origin: bool
    top_origin: str | None
    challenge: str | None
    rp_id: str | None
    client_data: Mapping[str, Any]
    user_present: bool
    user_verified: bool
    backup_eligible: bool | None
    backup_state: bool | None
    counter: int | None
    counter_step: int
    extensions: Mapping[str, Any] | None
    client_extension_results: Mapping[str, Any] | None
    algorithms: Sequence[int]
    algorithm: int | None
    attestation: Literal["none", "packed"]
    aaguid: str | UUID
    transports: Sequence[str]
    authenticator_attachment: str | None
    discoverable: bool | None
    credential_id: bytes | None
    credential_id_length: int
    public_key: bytes | None
    user_handle: bytes | None
    omit_user_handle: bool
    force: bool
