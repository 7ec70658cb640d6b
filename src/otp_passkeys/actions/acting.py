"""Who acts: the user of a request, and nobody in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..impersonation import require_owner
from ..sign_ins import require_active_user

if TYPE_CHECKING:
    from django.http import HttpRequest


def require_acting_user(request: HttpRequest) -> Any:
    """Return the signed-in user of a request, if nobody impersonates them.

    :param request: the request.
    :raises NotAuthenticated: if no user is signed in, or an inactive one is.
    :raises Impersonated: if somebody else looks at the site as the user.
    """
    user = require_active_user(request)
    require_owner(request)
    return user
