"""What a site does with passkeys: begin, register, authenticate, rename, delete, with all that follows from each.

The views call nothing else. Somebody's REST view or a management command can do the same.
"""

from . import without_cookies
from .adding import MAX_PASSKEYS, Registration
from .authenticating import Authentication
from .for_staff import delete_for, switch
from .managing import TO_CHANGE_PASSKEYS, delete, owned, rename
from .registering import begin_registration, register
from .sign_out_elsewhere import sign_out_elsewhere
from .signing_in import authenticate, begin_authentication

__all__ = [
    "MAX_PASSKEYS",
    "Authentication",
    "Registration",
    "authenticate",
    "begin_authentication",
    "begin_registration",
    "delete",
    "delete_for",
    "register",
    "rename",
    "sign_out_elsewhere",
    "switch",
    "without_cookies",
]
