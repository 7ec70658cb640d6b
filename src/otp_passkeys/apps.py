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
        from django.db.models.signals import post_delete

        from . import checks, models, notifications
        from . import signals as ours

        checks.register()
        # A deletion through a proxy is announced as the proxy's.
        for model in apps.get_models():
            if issubclass(model, models.Passkey):
                post_delete.connect(models.remember_emptied, sender=model)
        _hear_of_sign_ins()
        ours.passkey_registered.connect(
            notifications.on_passkey_registered, dispatch_uid="otp_passkeys.notifications"
        )
        ours.passkey_deleted.connect(
            notifications.on_passkey_deleted, dispatch_uid="otp_passkeys.notifications"
        )


def _hear_of_sign_ins() -> None:
    from django.contrib.auth.signals import user_logged_in, user_logged_out

    from . import impersonation, offers, reauthentication, sync

    user_logged_out.connect(
        impersonation.on_user_logged_out, dispatch_uid="otp_passkeys.impersonation"
    )
    # The first says whether it came out of an impersonation, and others ask it.
    for module in (impersonation, sync, reauthentication, offers):
        user_logged_in.connect(module.on_user_logged_in, dispatch_uid=module.__name__)
    if not apps.is_installed("hijack"):
        return
    from hijack.signals import (  # type: ignore[import-untyped]
        hijack_ended,
        hijack_started,
    )

    for signal in (hijack_started, hijack_ended):
        for module in (impersonation, reauthentication, offers):
            signal.connect(module.on_hijack, dispatch_uid=module.__name__)
