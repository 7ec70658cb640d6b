"""Refusals in JSON, for whatever asks for JSON: ``{"detail", "code"}``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from ..exceptions import MethodNotAllowed, NotFound, PasskeyError
from ..reauthentication import asks_for_json


def as_json(error: PasskeyError, status: int, **members: Any) -> JsonResponse:
    """Return a refusal.

    :param error: why.
    :param status: the HTTP status.
    :param members: what a script gets in addition to ``detail`` and ``code``.
    """
    body = {"detail": str(error.message), "code": error.code, **members}
    return JsonResponse(body, status=status)


def in_the_words_of(response: HttpResponseBase, error: PasskeyError) -> JsonResponse:
    """Return a bare refusal of Django as JSON, with its status and its headers, such as ``Allow``.

    :param response: the refusal.
    :param error: what it is.
    """
    refusal = as_json(error, response.status_code)
    for name, value in response.items():
        if name not in {"Content-Type", "Content-Length"}:
            refusal[name] = value
    return refusal


def refusing_in_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view that is a function refuse in JSON: what it answers with 404 or 405 and no body.

    :param view: the view; it stands outside ``require_safe``.
    """

    @wraps(view)
    def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        error = {404: NotFound, 405: MethodNotAllowed}.get(response.status_code)
        if error is None:
            return response
        if asks_for_json(request):
            response = in_the_words_of(response, error())
        response.headers.setdefault("Cache-Control", "no-store")  # so no cache needs to know why
        return response

    return refusing
