"""What a user should know of a model that the FIDO metadata warn about.

It is shown and nothing more: an AAGUID is a hint, so it must not decide who gets in (S1.11).
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_UNTRUSTED = _(
    # Translators: A “model” is a model of security key or of device.
    "This model is no longer considered safe. Add another passkey somewhere else, then delete this one."
)
_COPIED = _(
    # Translators: “From far away”: over the network, without having the device.
    "This model has a known weakness: somebody may be able to copy its passkeys from far away. Add another passkey"
    " somewhere else, then delete this one."
)
_TAKEN = _(
    "This model has a known weakness: somebody who gets hold of it may be able to use its passkeys. Keep it safe, and"
    " ask its maker for an update or a replacement."
)
_FORGED = _(
    # Translators: A “model” is a model of security key or of device.
    "There may be forgeries of this model. If you’re not sure where yours is from, add another passkey somewhere else,"
    " then delete this one."
)

# By status (FIDO Metadata Service 3, section 3.1.4), the worst first.
_TEXTS: dict[str, Promise] = {
    "REVOKED": _UNTRUSTED,
    "USER_KEY_REMOTE_COMPROMISE": _COPIED,
    "USER_KEY_PHYSICAL_COMPROMISE": _TAKEN,
    "USER_VERIFICATION_BYPASS": _TAKEN,
    "ATTESTATION_KEY_COMPROMISE": _FORGED,
}


def warning_for(statuses: Collection[str]) -> str:
    """Return the worst that a model's statuses say, in the current language, or an empty text.

    All its reports count: the registry does not keep them in order, and another status often follows a
    revocation.

    :param statuses: of all its status reports.
    """
    return next((str(text) for status, text in _TEXTS.items() if status in statuses), "")
