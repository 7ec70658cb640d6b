"""Make rows that no ceremony made: from before an upgrade, or of a site's own import."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.models import User

from otp_passkeys.models import Passkey, UserHandle


def stored_passkey(user: User, **fields: Any) -> Passkey:
    """Store a passkey, and a handle for its owner if there is none.

    :param fields: of the model, where they are to differ.
    """
    UserHandle.of(user)
    values: dict[str, Any] = {
        "credential_id": secrets.token_bytes(32),
        "public_key": b"no key",
        "rp_id": "testserver",
    }
    return Passkey.objects.create(user=user, **{**values, **fields})
