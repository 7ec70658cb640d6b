"""The page that asks: "Let’s make sure it’s you"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import auth
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters

from .. import reauthentication, remembered, sign_ins
from ..actions import confirming
from ..actions.acting import require_acting_user
from ..actions.ways import Way
from ..conf import conf
from ..exceptions import MalformedRequest, ReauthenticationFailed, Throttled
from ..models import user_details
from ..usable import has_second_factor
from .base import PasskeyView, password_reset_url, with_retry_after
from .bodies import text
from .for_scripts import form_errors
from .own_pages import own_page, way_out
from .ways_json import ways_json


class ReauthenticateView(PasskeyView):
    """Asks the signed-in user to prove who they are, in one of the ways that they have."""

    need: ClassVar[str | None] = None
    """``"passkey"`` or ``"second-factor"`` if nothing else will do."""
    next: str = ""
    """Where the body says that the user wants to go."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Ask in the preferred way, or in the one that ``way`` names; a script is told of all."""
        if self.is_json:
            return JsonResponse(self._asks())
        if not request.user.is_authenticated:
            # Users who sign in have proved who they are: they need not come back here.
            return redirect_to_login(self._target())
        return self._page(request.GET.get("way", ""))

    # Here and not around dispatch(), where the base class would narrow it to the credential again.
    @method_decorator(sensitive_post_parameters())
    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Judge the password or code, and go where the user came from."""
        body = self.parse("next")
        self.next = text(body, "next")
        if not request.user.is_authenticated and not self.is_json:
            # The session ended while the page was open.
            return redirect_to_login(self._target())
        user = require_acting_user(request)
        key = text(body, "way")
        # For users who have no other way, where signing in proves who they are.
        if key == "sign-in" and sign_ins.backend_proves_identity(request):
            target = self._target()
            auth.logout(request)
            return self.lead_to(redirect_to_login(target).url)
        way = next((one for one in self._ways() if one.key == key), None)
        form = _filled_in(way, body) if way else None
        if way is None or form is None or not form.is_valid():
            return self._unproved(key, form)
        session_hash = user.get_session_auth_hash()
        try:
            confirming.confirm(request, way, form.cleaned_data)
        except (ReauthenticationFailed, Throttled) as error:
            if self.is_json:
                raise
            form.add_error(next(iter(form.fields), None), str(error.message))
            response = self._page(key, form=form, status=error.status)
            return with_retry_after(response, error)
        answer = self._proved(way)
        if user.get_session_auth_hash() != session_hash:  # the password was hashed anew
            remembered.renew(request, answer)
        return answer

    def _unproved(self, key: str, form: forms.Form | None) -> HttpResponse:
        """Say that the user has no such way, or what is wrong with its form."""
        if not self.is_json:
            return self._page(key, form=form, status=422)
        if form is None:
            raise MalformedRequest("a way that the user does not have")
        raise form_errors(form)

    def _proved(self, way: Way) -> HttpResponse:
        """Go on after a proof was given; a script is told what is asked for next, if anything is."""
        target = self._target()
        if self.need and not way.is_second_factor:
            # That came first; now the page asks for what is needed.
            address = f"{self.request.path}?{urlencode({'next': target})}"
            more = self._asks() if self.is_json else {}
            return self.lead_to(address, **more)
        reauthentication.remind_of_unsent(self.request, target)
        return self.lead_to(target)

    def _asks(self) -> dict[str, Any]:
        return ways_json(require_acting_user(self.request), self._ways())

    def _ways(self) -> list[Way]:
        return confirming.ways_of(self.request, need=self.need)

    def _target(self) -> str:
        return reauthentication.safe_target(self.request, self._asked())

    def _asked(self) -> str:
        return self.next or self.request.GET.get("next", "")

    def _page(self, key: str, *, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
        """Show one way, or all of them for ``choose``; an unknown one is the preferred one."""
        user = require_acting_user(self.request)
        ways = self._ways()
        way = next((one for one in ways if one.key == key), ways[0] if ways else None)
        if key == "choose":
            way = None
        others = [one for one in ways if one is not way]
        target = self._target()
        context = {
            "account": user_details(user).name,
            "need": self.need,
            "next": target,
            "purpose": own_page(self.request, target),
            "way_out": way_out(self.request, target, self._asked()),
            "ways": ways,
            "way": way,
            # A list of one would be a page for nothing.
            "other_way": others[0].key if len(others) == 1 else "choose" if others else None,
            "form": form or (way and way.form()),
            # A touch is a second factor, and says nothing about who touched.
            "touch_follows": way and self.need and not way.is_second_factor,
            **self._next_steps(ways),
        }
        return render(self.request, "otp_passkeys/reauthenticate.html", context, status=status)

    def _may_fail(self, ways: list[Way]) -> bool:
        """Say whether a user may be unable to use any of their ways: the only one may be lost or forgotten."""
        if len(ways) == 1:
            return ways[0].name != "password" or password_reset_url() is None
        return bool(ways) and all(way.is_doubtful for way in ways)

    def _next_steps(self, ways: list[Way]) -> dict[str, Any]:
        """Return what users can do who have no way, or none that is sure to work."""
        recovery = conf.OTP_PASSKEYS_RECOVERY_URL
        # If a backend asks the user for nothing, signing in again would lead back here each time.
        may_sign_in_again = sign_ins.backend_proves_identity(self.request)
        is_stuck = not ways and not may_sign_in_again and not confirming.ways_of(self.request)
        # Not where a second factor must be used first, and none works here.
        may_add = (
            not ways
            and not is_stuck
            and (self.need == "passkey" or not has_second_factor(self.request.user))
        )
        return {
            "is_stuck": is_stuck,
            "may_sign_in_again": may_sign_in_again,
            "may_add": may_add,
            "needs_help": is_stuck or (self.need and not may_add) or self._may_fail(ways),
            "recovery_url": recovery and resolve_url(recovery),
            "password_reset_url": password_reset_url(),
        }


def _filled_in(way: Way, body: Mapping[str, Any]) -> forms.Form:
    """Return the form of a way with what a body holds; what JSON brings must be text, as a form's fields are."""
    form = way.form(body)
    for name in form.fields:
        text(body, name)
    return form
