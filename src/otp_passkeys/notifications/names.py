"""How a mail calls an account and a passkey: by names that lead nowhere (P16).

An attacker can sign up with the address of another person, and choose the username and the names of passkeys. A name
that a mail program could make a link of would say in the site's name where to go, so it is not repeated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import category, normalize

if TYPE_CHECKING:
    from ..models import Passkey

# What mail programs make a link of: an address of the web or of mail, with or without a scheme, any other scheme that a
# program may be registered for (tel:, skype:), a shared folder of Windows, and a telephone number.
_LINKABLE = re.compile(
    r"[a-z]:\S|://|\\\\|@|www|[^\s.。][.。]\w*[^\W\d_]|\d+\.\d+\.\d+\.\d|\d(?:[ ()./-]{0,2}\d){8}",
    re.IGNORECASE,
)
_NO_LETTERS = {"Cf", "Mc", "Me", "Mn"}


def names_of(passkey: Passkey) -> dict[str, str]:
    """Return the name of a passkey and where it is saved, each empty where there is nothing to say.

    The name of the provider is no name of the passkey, unless a number makes it one: it says where it is saved. An
    unknown provider is nothing that somebody could have added.

    :param passkey: what the mail is about.
    """
    provider = passkey.provider
    saved_in = str(provider.name) if provider.known else ""
    if passkey.nickname:
        name = "" if _reads_like_address(passkey.nickname) else passkey.nickname
    else:
        name = passkey.name if saved_in and passkey.name != saved_in else ""
    return {"name": name, "saved_in": saved_in}


def account_of(user: Any, address: str) -> str:
    """Return the username, on one line, or the address that the mail goes to in place of one that reads like a link.

    :param user: the owner.
    :param address: where the mail goes.
    """
    username = " ".join(str(user.get_username() or "").split())
    return address if not username or _reads_like_address(username) else username


def _reads_like_address(name: str) -> bool:
    """Say whether a mail program could make a link of a name."""
    # Domains have marks, and are found with invisible characters between; for the pattern neither are letters.
    shown = (one for one in normalize("NFKC", name) if category(one) not in _NO_LETTERS)
    return _LINKABLE.search("".join(shown)) is not None
