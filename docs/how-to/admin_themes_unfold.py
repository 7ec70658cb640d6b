"""Passkeys in the look of django-unfold."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from otp_passkeys.admin import PasskeyAdmin, PasskeyInline
from otp_passkeys.models import Passkey


class ThemedPasskeyAdmin(PasskeyAdmin, ModelAdmin):
    pass


class ThemedPasskeyInline(PasskeyInline, TabularInline):
    pass


admin.site.unregister(Passkey)
admin.site.register(Passkey, ThemedPasskeyAdmin)
