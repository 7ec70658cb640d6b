"""Say how a software authenticator behaves, and the browser it is plugged into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from .keys import EDDSA, ES256, ML_DSA_44, RS256
from .wire import BACKUP_ELIGIBLE, BACKUP_STATE, USER_PRESENT, USER_VERIFIED


@dataclass(kw_only=True)
class Behaviour:
    """Hold what may be set on an `Authenticator` and overridden in each `create()` and `get()`.

    The defaults are those of a synced passkey provider on the user's own device.
    """

    origin: str = "https://testserver"
    """Origin of the page: scheme, host, and port if any. The default is Django's test client's."""
    cross_origin: bool = False
    """Whether the page says that it is framed by another origin."""
    top_origin: str | None = None
    """Origin of the framing page; None leaves the member out of the client data."""
    challenge: str | None = None
    """Challenge to sign in place of the one in the options, base64url, sent as it stands."""
    rp_id: str | None = None
    """RP ID to hash into the authenticator data in place of the one asked for."""
    client_data: Mapping[str, Any] = field(default_factory=dict)
    """Members to add to the client data or to replace in it, `type` for example."""

    user_present: bool = True
    user_verified: bool = True
    """The UP and UV flags. An automatic upgrade (conditional create) has neither."""
    backup_eligible: bool | None = None
    """The BE flag; None is True for a new passkey, and what it was made with ever after."""
    backup_state: bool | None = None
    """The BS flag; None is the BE flag for a new passkey, and the passkey's own state after."""
    counter: int | None = None
    """Sign count to send, 0 to 2**32 - 1; None is 0 for a new passkey, and its own count after."""
    counter_step: int = 0
    """What each `get()` adds to the passkey's count: 0 for synced passkeys, 1 for security keys."""
    extensions: Mapping[str, Any] | None = None
    """Authenticator extension outputs, written as CBOR; None sends none."""
    client_extension_results: Mapping[str, Any] | None = None
    """What the browser reports on extensions; None answers `credProps` where it was asked for."""

    algorithms: Sequence[int] = (ES256, EDDSA, RS256, ML_DSA_44)
    """COSE algorithms that it can make keys for."""
    algorithm: int | None = None
    """Algorithm to use for a new passkey, offered or not; None is the first offered it can do."""
    attestation: Literal["none", "packed"] = "none"
    """Attestation format; packed is self attestation, signed by the new key itself."""
    aaguid: str | UUID = "00000000-0000-0000-0000-000000000000"
    """Model of the authenticator, in new passkeys."""
    transports: Sequence[str] = ("hybrid", "internal")
    """What a page's `getTransports()` gives for a new passkey."""
    authenticator_attachment: str | None = "platform"
    """`platform`, `cross-platform`, or None to leave it out."""
    discoverable: bool | None = None
    """Whether new passkeys are discoverable; None does what `residentKey` asks for."""
    credential_id: bytes | None = None
    """ID of the new passkey, at most 65535 bytes; None makes a random one."""
    credential_id_length: int = 32
    """Length of a random ID in bytes."""
    public_key: bytes | None = None
    """COSE key in CBOR to send for a new passkey in place of the true one."""

    user_handle: bytes | None = None
    """User handle to send with an assertion; None is the passkey's own."""
    omit_user_handle: bool = False
    """Leave the user handle out of assertions, as may be after a list of allowed credentials."""

    force: bool = False
    """Answer where an honest authenticator would refuse: required verification without it,
    an excluded credential, another attachment, a picked credential that is not allowed."""

    def flags(self, *, backup_eligible: bool, backup_state: bool) -> int:
        """Return the flags byte (WebAuthn L3 §6.1).

        :param backup_eligible: the passkey's own BE flag, sent unless overridden.
        :param backup_state: the passkey's own BS flag, sent unless overridden.
        """
        if self.backup_eligible is not None:
            backup_eligible = self.backup_eligible
        if self.backup_state is not None:
            backup_state = self.backup_state
        return (
            USER_PRESENT * self.user_present
            | USER_VERIFIED * self.user_verified
            | BACKUP_ELIGIBLE * backup_eligible
            | BACKUP_STATE * backup_state
        )

    def effective_rp_id(self, asked: str | None) -> str:
        """Return the RP ID of a ceremony, the page's host where the options name none.

        :param asked: the RP ID in the options.
        """
        return asked or urlsplit(self.origin).hostname or ""
