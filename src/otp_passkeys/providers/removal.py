"""Where a user deletes the copy of a passkey that a provider keeps.

Menus move, so the steps name what to open and no path through it, except where one has stood for years.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

GENERAL = _(
    "Open the password manager, device or security key that keeps this passkey, find this site, and delete the"
    " passkey there."
)
_APPLE = _(
    # Translators: “Passwords” is an app: use the name that Apple gives it in your language.
    "Open the Passwords app or the password settings of your Apple device, "
    "find this site, and delete the passkey there."
)
_CHROME = _(
    "Open the passwords and passkeys in the settings of Chrome on that Mac, "
    "find this site, and delete the passkey there."
)
_WINDOWS = _(
    # Translators: In the settings of Windows: Accounts, then Passkeys.
    "Open the passkeys in the account settings of Windows on that computer, "
    "find this site, and delete the passkey there."
)
_YUBICO = _(
    "Connect the security key, open it in Yubico Authenticator or in your browser’s settings, "
    "find this site, and delete the passkey there."
)


def _in(manager: str) -> Promise:
    return format_lazy(
        # Translators: {manager} is the name of a password manager, such as Bitwarden.
        _("Open {manager}, find this site, and delete the passkey there."),
        manager=manager,
    )


_BY_MANAGER: dict[str, Promise] = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": _in("Google Password Manager"),
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": _APPLE,
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": _APPLE,  # managed by a company
    "adce0002-35bc-c60a-648b-0b25f1f05503": _CHROME,
    "bada5566-a7aa-401f-bd96-45619a55120d": _in("1Password"),
    "d548826e-79b4-db40-a3d8-11116f7e8349": _in("Bitwarden"),
    "531126d6-e717-415c-9320-3d9aa6981239": _in("Dashlane"),
    "53414d53-554e-4700-0000-000000000000": _in("Samsung Pass"),
    "50726f74-6f6e-5061-7373-50726f746f6e": _in("Proton Pass"),
    "b84e4048-15dc-4dd0-8640-f4f60813c8af": _in("NordPass"),
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": _in("Keeper"),
    "b78a0a55-6ef8-d246-a042-ba0f6d55050c": _in("LastPass"),
    "d3452668-01fd-4c12-926c-83a4204853aa": _in("Microsoft Password Manager"),
}
# Software, of which there are no status reports: no request reads megabytes to learn that.
MANAGERS = frozenset(_BY_MANAGER)

_BY_DEVICE: dict[str, Promise] = {
    "08987058-cadc-4b81-b6e1-30de50dcbe96": _WINDOWS,
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": _WINDOWS,
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": _WINDOWS,
}


def steps_for(aaguid: str, name: str | Promise) -> Promise:
    """Return a sentence that says where a passkey is deleted.

    :param aaguid: in lower case.
    :param name: of the provider; Yubico's models are known by theirs, because there are many.
    """
    steps = _BY_MANAGER.get(aaguid) or _BY_DEVICE.get(aaguid)
    if steps is None and isinstance(name, str) and ("YubiKey" in name or "by Yubico" in name):
        return _YUBICO
    return steps or GENERAL
