"""Wiring of the app."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class OtpPasskeysConfig(AppConfig):
    """Registers the system checks, and hears of sign-ins and deletions."""

    name = "otp_passkeys"
    label = "otp_passkeys"
    # Translators: The heading of the pages, and the name of the app in the admin.
    verbose_name = _("Passkeys")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what needs the models to be loaded."""
        from django.contrib.auth.signals import user_logged_in
        from django.db.models.signals import post_delete

        from . import (
            checks,
            checks_addresses,
            models,
            notifications,
            offers,
            reauthentication,
            signals,
            sync,
        )

        checks.register()
        checks_addresses.register()
        # A deletion through a proxy is announced as the proxy's.
        for model in apps.get_models():
            if issubclass(model, models.Passkey):
                post_delete.connect(models.remember_emptied, sender=model)
        user_logged_in.connect(sync.on_user_logged_in, dispatch_uid="otp_passkeys.sync")
        user_logged_in.connect(
            reauthentication.on_user_logged_in, dispatch_uid="otp_passkeys.reauthentication"
        )
        user_logged_in.connect(offers.on_user_logged_in, dispatch_uid="otp_passkeys.offers")
        signals.passkey_registered.connect(
            notifications.on_passkey_registered, dispatch_uid="otp_passkeys.notifications"
        )
        signals.passkey_deleted.connect(
            notifications.on_passkey_deleted, dispatch_uid="otp_passkeys.notifications"
        )
