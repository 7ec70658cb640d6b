"""What only the user may do who is really at the browser: take the data away, and delete the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import JsonResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from otp_passkeys.models import Passkey
from otp_passkeys.reauthentication import reauthentication_required


@reauthentication_required(max_age=300)
class ExportView(TemplateView):
    """Hands out everything that the site knows of the user."""

    template_name = "accounts/export.html"

    def post(self, request):
        """Send the data as a file."""
        user = request.user
        data = {
            "username": user.get_username(),
            "name": user.get_full_name(),
            "email": user.email,
            "joined": user.date_joined,
            "passkeys": [
                {"name": passkey.name, "added": passkey.created_at, "used": passkey.last_used_at}
                for passkey in Passkey.objects.for_user(user)
            ],
        }
        headers = {
            "Content-Disposition": 'attachment; filename="my-data.json"',
            "Cache-Control": "no-store",
        }
        return JsonResponse(data, headers=headers, json_dumps_params={"indent": 2})


@reauthentication_required(once=True)
class DeleteAccountView(TemplateView):
    """Deletes the account: one proof deletes one account, once."""

    template_name = "accounts/delete.html"

    def post(self, request):
        """Delete the account with its passkeys, and sign it out."""
        user = request.user
        logout(request)
        user.delete()
        messages.success(request, "Your account is deleted.")
        return redirect("home")
