"""What every view shares: one parser, one shape of answer, one table of statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from ..actions.retrying import retriable
from ..encoding import from_json
from ..exceptions import (
    MalformedRequest,
    MethodNotAllowed,
    NotAuthenticated,
    PasskeyError,
    ReauthenticationRequired,
    Throttled,
    TooLarge,
    UnsupportedMediaType,
)
from ..reauthentication import refusal

STATUS = {
    "malformed_request": 400,
    "challenge_invalid": 400,
    "challenge_expired": 400,
    "challenge_spent": 400,
    "not_authenticated": 401,
    "reauthentication_required": 403,
    "impersonated": 403,
    "credential_user_mismatch": 403,
    "credential_disabled": 403,
    "passkey_not_found": 404,
    "credential_not_found": 404,
    "method_not_allowed": 405,
    "credential_already_registered": 409,
    "last_way_in": 409,
    "too_many_passkeys": 409,
    "try_again": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "verification_failed": 422,
    "unusable_address": 422,
    "reauthentication_failed": 422,
    "invalid_nickname": 422,
    "throttled": 429,
}
# In bytes. The largest answers of browsers, with a long attestation, stay below 16 kB.
MAX_BODY = 64 * 1024
_JSON = "application/json"
_Response = TypeVar("_Response", bound=HttpResponseBase)
_FORMS = {"", "application/x-www-form-urlencoded", "multipart/form-data"}


# Each view says itself who may ask: with Django's LoginRequiredMiddleware nobody could sign in.
@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(xframe_options_deny, name="dispatch")
# Asked for here as well, so that a site without the middleware is not open.
@method_decorator(csrf_protect, name="dispatch")
@method_decorator(sensitive_post_parameters("credential"), name="dispatch")
class PasskeyView(View):
    """Parses the request, lets a subclass call one action, and answers refusals."""

    always_json: ClassVar[bool] = False

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, which ``ATOMIC_REQUESTS`` leaves alone.

        Actions open transactions of their own. In one around the whole request a refusal could not be kept, nor
        could what goes wrong at its commit be answered: that is after the view.
        """
        view = super().as_view(**initkwargs)
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request; a refusal becomes an answer with its status, and so does a database that lets go."""
        try:
            with retriable():
                return super().dispatch(request, *args, **kwargs)
        except PasskeyError as error:
            return self.refuse(error)

    @property
    def is_json(self) -> bool:
        """Whether the answer is to be JSON: the body is, or a GET prefers it."""
        if self.always_json or self.request.content_type == _JSON:
            return True
        if self.request.method not in {"GET", "HEAD"}:
            return False
        return self.request.get_preferred_type(["text/html", _JSON]) == _JSON

    def refuse(self, error: PasskeyError) -> HttpResponseBase:
        """Answer a refusal, as JSON or as a page.

        :param error: why.
        """
        # An inactive user whom a backend keeps signed in would be sent back here for ever.
        signed_out = isinstance(error, NotAuthenticated) and not error.is_inactive
        # htmx would follow a redirect by itself, and put the whole sign-in page into a fragment.
        htmx_signed_out = signed_out and "HX-Request" in self.request.headers
        if isinstance(error, ReauthenticationRequired) or htmx_signed_out:
            return refusal(self.request, error, as_json=self.is_json)
        return with_retry_after(self._refusal(error, STATUS[error.code]), error)

    def _refusal(self, error: PasskeyError, status: int) -> HttpResponseBase:
        if self.is_json:
            body = {"detail": str(error.message), "code": error.code, **self.error_members(error)}
            return JsonResponse(body, status=status)
        if isinstance(error, NotAuthenticated) and not error.is_inactive:
            # What only takes POST cannot be returned to.
            get = self.request.method in {"GET", "HEAD"}
            return redirect_to_login(
                self.request.get_full_path() if get else reverse("otp_passkeys:list")
            )
        return self.refusal_page(error, status)

    def error_members(self, error: PasskeyError) -> dict[str, Any]:
        """Return what a JSON refusal holds beside ``detail`` and ``code``.

        :param error: why.
        """
        return {}

    def refusal_page(self, error: PasskeyError, status: int) -> HttpResponse:
        """Return the page for a refusal.

        :param error: why.
        :param status: the HTTP status.
        """
        return render(
            self.request, "otp_passkeys/error.html", {"message": error.message}, status=status
        )

    def http_method_not_allowed(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer 405 with ``Allow``."""
        response: HttpResponseBase = super().http_method_not_allowed(request, *args, **kwargs)
        if not self.is_json:
            return response
        refusal = self.refuse(MethodNotAllowed())
        refusal["Allow"] = response["Allow"]
        return refusal

    def parse(self) -> Mapping[str, Any]:
        """Return the members of the body, whether it is a form or JSON.

        :raises PasskeyError: if it is too large, of another type, or cannot be read.
        """
        request = self.request
        # Before anything is read where the length is announced; a chunked body has none.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
            raise TooLarge("body too large")
        if request.content_type == _JSON:
            if len(request.body) > MAX_BODY:
                raise TooLarge("body too large")
            body = _load(request.body)
            if not isinstance(body, dict):
                raise MalformedRequest("JSON body is no object")
            return body
        if request.content_type not in _FORMS:
            raise UnsupportedMediaType("body is neither a form nor JSON")
        return request.POST.dict()

    def credential(self, body: Mapping[str, Any]) -> object:
        """Return the credential of a body: an object in JSON, its text in a form.

        :param body: from :meth:`parse`.
        :raises MalformedRequest: if the text in a form is not JSON.
        """
        value = body.get("credential")
        return value if self.is_json else _load(str(value or "").encode(errors="replace"))


def with_retry_after(response: _Response, error: PasskeyError) -> _Response:
    """Return a refusal with the header that says when to try again, if the site's limit said so.

    :param response: the refusal.
    :param error: why.
    """
    if isinstance(error, Throttled):
        response["Retry-After"] = str(error.retry_after)
    return response


def text(body: Mapping[str, Any], name: str) -> str:
    """Return an optional text member of a body.

    :param body: from :meth:`PasskeyView.parse`.
    :param name: e.g. ``"nickname"``.
    :raises MalformedRequest: if it is there and no text.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise MalformedRequest(f"{name} is no text")
    return value


def _load(data: bytes) -> Any:
    try:
        return from_json(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("not JSON") from error
