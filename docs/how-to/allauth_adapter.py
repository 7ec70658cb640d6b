"""Lets allauth ask for a passkey, and each of the two apps accept the other's proof."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from otp_passkeys.exceptions import PasskeyError
from otp_passkeys.reauthentication import Need, mark, require
from otp_passkeys.usable import usable_passkeys


class AccountAdapter(DefaultAccountAdapter):
    def is_reauthentication_required(self, *, app, **kwargs):
        required = super().is_reauthentication_required(app=app, **kwargs)
        return required and not self.has_confirmed()

    def get_reauthentication_methods(self, user):
        methods = super().get_reauthentication_methods(user)
        if not user.is_authenticated or not usable_passkeys(self.request, user):
            return methods
        page = reverse("otp_passkeys:reauthenticate")
        return [{"id": "passkey", "description": _("Use your passkey"), "url": page}, *methods]

    def has_confirmed(self):
        need = Need(max_age=getattr(settings, "ACCOUNT_REAUTHENTICATION_TIMEOUT", 300))
        try:
            # A sign-in with a password is a proof here, and none to allauth.
            return require(self.request, need).method != "sign_in"
        except PasskeyError:
            return False


# This module is imported before any page of allauth asks.
@receiver(authentication_step_completed)
def believe_allauth(request, user, method, reauthenticated=False, **kwargs):
    # A code by e-mail is no proof: the mailbox may be open on the same computer.
    if reauthenticated and method != "code":
        request.session.cycle_key()
        mark(request, user, method="allauth")
