"""Views of what is public: neither the session nor the user is looked at, so that caches may keep the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ..exceptions import MethodNotAllowed, NotFound
from ..reauthentication import asks_for_json
from .for_scripts import as_json_with_headers

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Let a function view answer GET and HEAD for everybody, and refuse in JSON where it answers 404 or 405.

    :param view: the view.
    """
    # Else Django's middlewares would read what somebody posts before it is refused, and ask for the user.
    return csrf_exempt(login_not_required(_refusing_in_json(require_safe(view))))


def _refusing_in_json(view: View) -> View:
    """Answer 404 and 405, which have no body, in JSON if the request asks for it."""

    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        error = {404: NotFound, 405: MethodNotAllowed}.get(response.status_code)
        if error is None:
            return response
        if asks_for_json(request):
            response = as_json_with_headers(response, error())
        response.headers.setdefault("Cache-Control", "no-store")  # so no cache needs to know why
        return response

    return refusing
