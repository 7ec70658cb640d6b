"""Keep an authenticator's passkeys, and follow the signals that a page sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from .keys import PrivateKey
from .options import text
from .wire import from_base64url, to_base64url


@dataclass(kw_only=True, eq=False)
class Credential:
    """Hold one passkey as the authenticator stores it. Tests may read and change it.

    ``id`` and ``user_handle`` are bytes; ``rp_id``, ``user_name`` and ``user_display_name`` are what the page gave,
    or a signal since. ``algorithm`` is the number of ``private_key``'s. ``aaguid``, ``transports`` and
    ``discoverable`` are as it was made; ``sign_count``, ``backup_eligible`` and ``backup_state`` as it was last used.
    """

    id: bytes
    rp_id: str
    user_handle: bytes
    user_name: str
    user_display_name: str
    algorithm: int
    private_key: PrivateKey = field(repr=False)
    aaguid: UUID
    transports: tuple[str, ...]
    discoverable: bool
    sign_count: int
    backup_eligible: bool
    backup_state: bool

    @property
    def id_base64url(self) -> str:
        """Return the credential ID as pages and servers write it."""
        return to_base64url(self.id)


@dataclass(kw_only=True)
class CredentialStore:
    """Hold passkeys and apply the browser's three signal methods to them."""

    credentials: list[Credential] = field(default_factory=list)
    """The passkeys it holds, oldest first."""

    def signal_all_accepted_credentials(self, options: Mapping[str, Any]) -> None:
        """Forget the user's discoverable passkeys that the list omits (WebAuthn L3 §5.1.10).

        :param options: `rpId`, `userId` and the list `allAcceptedCredentialIds`; the IDs of users
            and credentials are strings of unpadded base64url.
        :raises TypeError: if they are anything else; then nothing is forgotten.
        """
        accepted = options.get("allAcceptedCredentialIds")
        if not isinstance(accepted, (list, tuple)):
            raise TypeError("allAcceptedCredentialIds must be a list.")
        ids = {from_base64url(value) for value in accepted}
        for credential in self._of_user(options):
            if credential.id not in ids:
                self.credentials.remove(credential)

    def signal_current_user_details(self, options: Mapping[str, Any]) -> None:
        """Rename all of the user's discoverable passkeys (WebAuthn L3 §5.1.10).

        :param options: `rpId`, `userId` (unpadded base64url), `name` and `displayName`, all
            strings; the names may be empty.
        :raises TypeError: if they are anything else; then nothing is renamed.
        """
        name, display_name = text(options, "name"), text(options, "displayName")
        for credential in self._of_user(options):
            credential.user_name, credential.user_display_name = name, display_name

    def signal_unknown_credential(self, options: Mapping[str, Any]) -> None:
        """Forget one passkey (WebAuthn L3 §5.1.10).

        :param options: `rpId` and `credentialId` (unpadded base64url), both strings.
        :raises TypeError: if they are anything else.
        """
        rp_id, credential_id = text(options, "rpId"), from_base64url(options.get("credentialId"))
        for credential in self._of_rp(rp_id):
            if credential.id == credential_id:
                self.credentials.remove(credential)

    def _of_rp(self, rp_id: str) -> list[Credential]:
        return [c for c in self.credentials if c.rp_id == rp_id]

    def _of_user(self, options: Mapping[str, Any]) -> list[Credential]:
        rp_id, user_handle = text(options, "rpId"), from_base64url(options.get("userId"))
        return [c for c in self._of_rp(rp_id) if c.discoverable and c.user_handle == user_handle]

    def _store(self, credential: Credential) -> None:
        """Add a passkey in place of the one it overwrites (CTAP 2.1 §6.1.2)."""
        if credential.discoverable:
            self.credentials[:] = [
                c
                for c in self.credentials
                if not c.discoverable
                or (c.rp_id, c.user_handle) != (credential.rp_id, credential.user_handle)
            ]
        self.credentials.append(credential)
