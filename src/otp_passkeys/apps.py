"""Wiring of the app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OtpPasskeysConfig(AppConfig):
    """Registers the system checks and makes every sign-in raise the sync flag."""

    name = "otp_passkeys"
    label = "otp_passkeys"
    verbose_name = _("Passkeys")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what needs the models to be loaded."""
        from django.contrib.auth.signals import user_logged_in

        from . import checks, sync

        checks.register()
        user_logged_in.connect(sync.on_user_logged_in, dispatch_uid="otp_passkeys.sync")
