"""Optional: pages with the sync tag need not read their session to know that nothing is due."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from . import sync


class SyncedMiddleware(MiddlewareMixin):
    """Lets the browser keep, in a cookie, when its session has synced; it stands before ``SessionMiddleware``."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the note or take it back, where the request has read its session.

        :param request: any request.
        :param response: its answer.
        """
        sync.note(request, response)
        return response
