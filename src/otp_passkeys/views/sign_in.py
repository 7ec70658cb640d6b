"""The ready sign-in page, for accounts that this browser remembers and for any other."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.debug import sensitive_post_parameters

from .. import reauthentication, remembered, throttling
from ..conf import conf
from ..exceptions import ChallengeInvalid, PasskeyError, ReauthenticationFailed, Throttled
from ..impersonation import is_impersonated
from ..models import user_details
from ..origins import own_hosts
from ..reauthentication.devices import is_verified
from ..remembered import Account
from ..usable import has_second_factor, usable_passkeys, with_usable_passkeys
from .base import PasskeyView, password_reset_url, with_retry_after
from .bodies import text
from .for_scripts import AnsweringView, as_json, form_errors

__all__ = ["SignInView"]


# What Django's view has around its dispatch(); a body that is refused does not get there.
@method_decorator(login_not_required, name="dispatch")
@method_decorator(never_cache, name="dispatch")
@method_decorator(xframe_options_deny, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignInView(AnsweringView, LoginView):
    """Django's sign-in page with a passkey button and autofill, after a choice of remembered accounts.

    ``?account=`` is the page of one of them, ``?other=1`` that for any account. Users who are signed in see no form.
    """

    template_name = "otp_passkeys/sign_in.html"
    account: Account | None = None
    """Whose page it is; None for any account's."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say that the user is signed in already, greet remembered accounts, or show the form."""
        if request.user.is_authenticated:
            return self.render_to_response(self.get_context_data(**self._signed_in()))
        if "other" in request.GET:
            return super().get(request, *args, **kwargs)
        self.account = remembered.account(request, request.GET.get("account"))
        accounts = [] if self.account else remembered.accounts(request)
        users = [account.user for account in accounts]
        context = self.get_context_data(
            accounts=accounts, with_passkey=users and with_usable_passkeys(request, users)
        )
        return self.render_to_response(context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """Sign in with a password, which is that of the account if one is named; or sign out, by ``switch``."""
        if "switch" in request.POST:
            return self._switch()
        if "account" in request.POST:
            self.account = remembered.account(request, request.POST["account"])
            if self.account is None:  # forgotten, or void since the page was opened
                return self._back()
        try:
            throttling.require_calm(request, throttling.ANSWER)
        except Throttled as error:
            return self.refuse(error, password_error=error.message)
        return super().post(request, *args, **kwargs)

    def refuse_body(self, error: PasskeyError) -> HttpResponseBase:
        """Return the page for any account, which says why what was posted is not read."""
        return self.refuse(error, password_error=error.message)

    def refuse(self, error: PasskeyError, **context: Any) -> HttpResponse:
        """Return the page, which says why the sign-in failed; to a script, say so in JSON.

        :param error: why.
        :param context: what the page shows, the error's message included.
        """
        if self.is_json:
            return with_retry_after(as_json(error), error)
        # An unbound form: what was posted is not judged.
        form = self.get_form_class()(self.request)
        context = self.get_context_data(form=form, **context)
        response = self.render_to_response(context, status=error.status)
        return with_retry_after(response, error)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Return what the form is made of; a posted username is ignored for a remembered account."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if self.account and "data" in kwargs:
            data: QueryDict = kwargs["data"].copy()
            data["username"] = self.account.user.get_username()
            kwargs["data"] = data
        return kwargs

    def get_form(self, form_class: Any = None) -> AuthenticationForm:
        """Return the form, which speaks of the password alone where the username is not asked for."""
        form: AuthenticationForm = super().get_form(form_class)
        if self.account:
            wrong = {"invalid_login": _("That password is not right. Try again.")}
            form.error_messages = {**form.error_messages, **wrong}
        return form

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in, and let the browser remember who it was."""
        # Sent from a page that was open before: the user who is signed in is not signed out silently.
        if self.request.user.is_authenticated and form.get_user().pk != self.request.user.pk:
            return self._back()
        # A backend may take one name for another's.
        if self.account and form.get_user() != self.account.user:
            form.add_error(None, form.get_invalid_login_error())
            return self.form_invalid(form)
        response = self.lead_to(super().form_valid(form)["Location"])
        remembered.remember(self.request, response)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what is wrong."""
        throttling.note_refusal(self.request)
        if self.is_json:
            return self.refuse(form_errors(form))
        return super().form_invalid(form)

    def get_success_url_allowed_hosts(self, *request: Any) -> set[str]:
        """Return the hosts that ``next`` may lead to, in each spelling.

        :param request: from Django 6.1 on, the request; before, nothing.
        """
        return super().get_success_url_allowed_hosts(*request) | own_hosts(self.request)

    def get_redirect_url(self, *request: Any) -> str:
        """Return ``next`` if it leads to this site or a front end that it lists, else nothing.

        :param request: from Django 6.1 on, the request; before, nothing.
        """
        target: str = super().get_redirect_url(*request)
        if target:
            return (
                target if target.isprintable() else ""
            )  # no address holds characters that cannot be printed
        name = self.redirect_field_name
        asked = self.request.POST.get(name, self.request.GET.get(name, ""))
        return asked if reauthentication.leads_elsewhere(self.request, asked) else ""

    def get_success_url(self) -> str:
        """Return where to go: the page asked for, if it was not another user's that was interrupted."""
        if not remembered.may_return(self.request, self.request.user):
            return self.get_default_redirect_url()
        return super().get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows, the ways of the account included."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        recovery = conf.OTP_PASSKEYS_RECOVERY_URL
        query = self._query()
        return {
            "address": self.request.path,
            "carry": f"&{query}" if query else "",  # what every link takes along
            "account": self.account,
            "recovery_url": recovery and resolve_url(recovery),
            "password_reset_url": password_reset_url(),
            "removed": "removed" in self.request.GET,
            **self._ways(),
            **context,
        }

    def _signed_in(self) -> dict[str, Any]:
        """Return what the page shows to a user who is signed in: the account, and where to go on."""
        user: Any = self.request.user
        target = self.get_success_url()
        # What sent the user here may want a second factor, and would send them here again.
        sent = self.get_redirect_url() and not is_impersonated(self.request)
        if sent and not is_verified(self.request) and has_second_factor(user):
            page = reverse("otp_passkeys:reauthenticate-second-factor")
            target = f"{page}?{urlencode({'next': target})}"
        return {"signed_in_as": user_details(user).name, "continue_url": target}

    def _switch(self) -> HttpResponse:
        """Sign out, and show the form for any account."""
        query = self._query()
        response = self.lead_to(f"{self.request.path}?other=1{query and f'&{query}'}")
        remembered.leave(self.request, response)
        auth.logout(self.request)
        return response

    def _back(self) -> HttpResponse:
        """Show the page anew, as it is now; a script, which would take that for a sign-in, is refused."""
        if not self.is_json:
            return HttpResponseRedirect(f"{self.request.path}?{self._query()}")
        message = ChallengeInvalid.message
        return self.refuse(ReauthenticationFailed("not what this session asks", message=message))

    def _ways(self) -> dict[str, Any]:
        """Return the way in which the account signs in, and whether it has another."""
        if self.account is None:
            return {}
        user = self.account.user
        has = {
            "passkey": any(
                not passkey.second_step_only for passkey in usable_passkeys(self.request, user)
            ),
            "password": conf.OTP_PASSKEYS_POLICY.has_password(user),
        }
        ways = [way for way, there in has.items() if there]
        # A password that was posted is asked for again.
        if self.request.method == "POST" or self.request.GET.get("way") == "password":
            ways.reverse()
        return {"ways": ways, "way": ways[0] if ways else None, "other_way": "".join(ways[1:])}

    def _query(self) -> str:
        target = self.get_redirect_url()
        return urlencode({self.redirect_field_name: target}) if target else ""


class ForgetView(PasskeyView):
    """Makes the browser forget an account, or signs out and forgets that one."""

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Forget the account that ``account`` names, or with ``sign_out`` the one that signs out."""
        body = self.parse("next")
        response = HttpResponseRedirect(self._page(text(body, "next")))
        if not text(body, "sign_out"):
            if remembered.forget(request, response, text(body, "account")):
                response["Location"] = self._page(text(body, "next"), removed=1)
        elif request.user.is_authenticated:
            remembered.forget_user(request, response, request.user)
            auth.logout(request)
            if settings.LOGOUT_REDIRECT_URL:
                response["Location"] = resolve_url(settings.LOGOUT_REDIRECT_URL)
        return response

    def _page(self, target: str, **query: str | int) -> str:
        if target:
            query["next"] = reauthentication.safe_target(self.request, target)
        page = reverse("otp_passkeys:sign-in")
        return f"{page}?{urlencode(query)}" if query else page
