"""What every view shares: how it answers, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from ..actions.transient_errors import refusing_transient_errors
from ..exceptions import (
    MalformedRequest,
    NotAuthenticated,
    PasskeyError,
    PasskeyNotFound,
    ReauthenticationRequired,
    Throttled,
    TooLarge,
)
from ..reauthentication import refusal
from . import bodies
from .for_scripts import AnsweringView, as_json

# What Django's never_cache says, without the date for caches of HTTP/1.0, which takes longer to write than the answer.
_NEVER_KEPT = "max-age=0, no-cache, no-store, must-revalidate, private"

_Response = TypeVar("_Response", bound=HttpResponseBase)


def password_reset_url() -> str | None:
    """Return the address at which users who forgot their password get a new one, if the site has Django's view."""
    try:
        return reverse("password_reset")
    except NoReverseMatch:
        return None


@method_decorator(sensitive_post_parameters("credential"), name="dispatch")
class PasskeyView(AnsweringView):
    """Lets a subclass call one action, and answers refusals."""

    place: ClassVar[str] = ""
    """The ID of what leads here on a page: users come back to it once they have confirmed who they are."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view, which ``ATOMIC_REQUESTS`` leaves alone.

        Actions open transactions of their own. In one around the whole request a refusal could not be kept, nor
        could what goes wrong at its commit be answered: that is after the view.
        """
        # Each view checks access itself: with Django's LoginRequiredMiddleware no one could sign in.
        view = login_not_required(super().as_view(**initkwargs))
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request so that nobody keeps the answer, and no page shows it in a frame (P9, P10)."""
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = _NEVER_KEPT
        response.headers["X-Frame-Options"] = "DENY"
        return response

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request; a refusal becomes an answer with its status, and so does a transient database error."""
        try:
            with refusing_transient_errors():
                return super().respond(request, *args, **kwargs)
        except PasskeyError as error:
            return self.refuse(error)

    def refuse_body(self, error: PasskeyError) -> HttpResponseBase | None:
        """Answer a request whose body is not to be read, or return None if the view can do without.

        :param error: why.
        """
        return self.refuse(error)

    def refuse(self, error: PasskeyError) -> HttpResponseBase:
        """Answer a refusal, as JSON or as a page.

        :param error: why.
        """
        # An inactive user whom a backend keeps signed in would be sent back here again and again.
        signed_out = isinstance(error, NotAuthenticated) and not error.is_inactive
        # htmx would follow a redirect by itself, and put the whole sign-in page into a fragment.
        if isinstance(error, ReauthenticationRequired) or (signed_out and self.is_for_script):
            return refusal(self.request, error, as_json=self.is_json, place=self.place)
        return with_retry_after(self._refusal(error), error)

    def _refusal(self, error: PasskeyError) -> HttpResponseBase:
        if self.is_json:
            return as_json(error, **self.error_members(error))
        if isinstance(error, NotAuthenticated) and not error.is_inactive:
            # What only takes POST cannot be returned to.
            get = self.request.method in {"GET", "HEAD"}
            return redirect_to_login(
                self.request.get_full_path() if get else reverse("otp_passkeys:list")
            )
        return self.refusal_page(error)

    def error_members(self, error: PasskeyError) -> dict[str, Any]:
        """Return what a JSON refusal holds in addition to ``detail`` and ``code``.

        :param error: why.
        """
        return {}

    def refusal_page(self, error: PasskeyError) -> HttpResponse:
        """Return the page for a refusal.

        :param error: why.
        """
        context = {"message": error.message, "is_gone": isinstance(error, PasskeyNotFound)}
        return render(self.request, "otp_passkeys/error.html", context, status=error.status)

    def parse(self, *judged_later: str) -> Mapping[str, Any]:
        """Return the members of the body, whether it is a form or JSON.

        :param judged_later: members that may hold text that cannot be encoded, because their reader has a rule for it.
        :raises PasskeyError: if it is of another type, or cannot be read.
        """
        return bodies.read(self.request, *judged_later)

    def credential(self, body: Mapping[str, Any]) -> object:
        """Return the credential of a body: an object in JSON, its text in a form.

        :param body: from :meth:`parse`.
        :raises MalformedRequest: if the text in a form is not JSON.
        """
        value = body.get("credential")
        if self.request.content_type == bodies.JSON:
            return value
        return bodies.load(str(value or "").encode(errors="replace"))


class OptionsView(PasskeyView):
    """Begins a ceremony; it needs no body."""

    always_json = True

    def refuse_body(self, error: PasskeyError) -> HttpResponseBase | None:
        """Do without a body that cannot be read, and without JSON that is too large; refuse any other."""
        unread = isinstance(error, TooLarge) and self.request.content_type == bodies.JSON
        if unread or isinstance(error, MalformedRequest):
            return None
        return super().refuse_body(error)

    def wishes(self) -> Mapping[str, Any]:
        """Return the members of a JSON body, or nothing if it cannot be read."""
        try:
            return self.parse() if self.request.content_type == bodies.JSON else {}
        except PasskeyError:
            return {}


def with_retry_after(response: _Response, error: PasskeyError) -> _Response:
    """Return a refusal with the header that says when to try again, if the site's limit said so.

    :param response: the refusal.
    :param error: why.
    """
    if isinstance(error, Throttled):
        response["Retry-After"] = str(error.retry_after)
    return response
