"""What a request that asks for JSON gets in place of a page or a redirect; a refusal is ``{"detail", "code"}``."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)

from .. import sessions
from ..exceptions import MethodNotAllowed, PasskeyError, ReauthenticationFailed
from ..reauthentication import as_reached, asks_for_json
from .csrf import BodyFirstView


class AnsweringView(BodyFirstView):
    """Answers in JSON if the request asks for it. Among the bases of a view it stands first."""

    always_json: ClassVar[bool] = False

    @property
    def is_json(self) -> bool:
        """Whether to answer in JSON: the request sends it or prefers it, whatever its method and body."""
        return self.always_json or asks_for_json(self.request)

    @property
    def is_for_script(self) -> bool:
        """Whether a script has sent the request, and not the browser itself to show the answer."""
        return self.is_json or "HX-Request" in self.request.headers

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request; the answer to a script takes no cookie away that it may know nothing of."""
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.is_for_script:
                sessions.keep_cookie(request)

    def lead_to(self, address: str, **members: Any) -> HttpResponse:
        """Lead on: by a redirect, or by naming the address to a script.

        :param address: where the user goes now, as checked.
        :param members: what else a script gets.
        """
        if not self.is_json:
            return HttpResponseRedirect(address)
        return JsonResponse({"redirect_url": as_reached(self.request, address), **members})

    def http_method_not_allowed(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer 405 with ``Allow``."""
        response: HttpResponseBase = super().http_method_not_allowed(request, *args, **kwargs)
        return as_json_with_headers(response, MethodNotAllowed()) if self.is_json else response


def as_json(error: PasskeyError, **members: Any) -> JsonResponse:
    """Return a refusal, with its status.

    :param error: why.
    :param members: what a script gets in addition to ``detail`` and ``code``.
    """
    body = {"detail": str(error.message), "code": error.code, **members}
    return JsonResponse(body, status=error.status)


def as_json_with_headers(response: HttpResponseBase, error: PasskeyError) -> JsonResponse:
    """Return one of Django's refusals, which have no body, as JSON with the same headers, such as ``Allow``.

    :param response: the refusal.
    :param error: what it is.
    """
    refusal = as_json(error)
    for name, value in response.items():
        if name not in {"Content-Type", "Content-Length"}:
            refusal[name] = value
    return refusal


def form_errors(form: forms.Form) -> ReauthenticationFailed:
    """Return the refusal of a form that is not filled in as it must be, in the form's own words.

    :param form: a bound form that is not valid.
    """
    # Each once: of two fields that are empty, Django says the same.
    said = dict.fromkeys(str(error) for errors in form.errors.values() for error in errors)
    return ReauthenticationFailed("the form was not filled in", message=" ".join(said))
