"""The order in which a request is judged: its body, then Django's CSRF token, and only then what it asks for.

Django's middleware reads the token out of a form before any view runs, and the whole form with it, of whatever length.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.utils.module_loading import import_string
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from ..exceptions import PasskeyError
from . import bodies


class BodyFirstView(View):
    """Looks at the body before the CSRF token; among the bases of a view it stands first."""

    # For a view with this mark the middleware (of Django 5.2, 6.0 and 6.1) returns before it reads POST, and before
    # it sets `csrf_processing_done`, which it sets after a check only. So the check in dispatch() is never skipped; and
    # what that check is given is a method without the mark.
    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, which the middleware leaves alone and which checks the token itself."""
        return csrf_exempt(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Judge body and token, and answer the request; a site without the middleware is protected too."""
        try:
            bodies.require_readable(request)
        except PasskeyError as error:
            request.POST = QueryDict()  # or the page that says so would read it after all
            refusal = self.refuse_body(error)
            if refusal is not None:
                return refusal
        protect = decorator_from_middleware(_protection(tuple(settings.MIDDLEWARE)))
        response: HttpResponseBase = protect(self.respond)(request, *args, **kwargs)
        return response

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request that may be read and has the token, if it needs one."""
        return super().dispatch(request, *args, **kwargs)

    @abstractmethod
    def refuse_body(self, error: PasskeyError) -> HttpResponseBase | None:
        """Answer a request whose body is not to be read, or return None if the view can do without.

        :param error: why.
        """


@lru_cache(maxsize=1)
def _protection(paths: tuple[str, ...]) -> type[CsrfViewMiddleware]:
    """Return the middleware that checks tokens on this site: Django's, or the site's subclass of it."""
    for path in paths:
        middleware = import_string(path)
        if isinstance(middleware, type) and issubclass(middleware, CsrfViewMiddleware):
            return middleware
    return CsrfViewMiddleware
