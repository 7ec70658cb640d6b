"""The admin of users, with the passkeys of each."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangosUserAdmin
from django.contrib.auth.models import User

from otp_passkeys.admin import PasskeyInline


class UserAdmin(DjangosUserAdmin):
    inlines = (PasskeyInline,)


admin.site.unregister(User)
admin.site.register(User, UserAdmin)
