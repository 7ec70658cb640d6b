"""The account pages of the example site."""

from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse_lazy
from django.views.generic import CreateView, TemplateView, UpdateView

from otp_passkeys.sync import request_user_details_sync

from .forms import ProfileForm, SignUpForm


class HomeView(TemplateView):
    """Greets the visitor."""

    template_name = "home.html"


class SettingsView(LoginRequiredMixin, TemplateView):
    """Links to everything that a user can change."""

    template_name = "accounts/settings.html"


class SignUpView(CreateView):
    """Makes an account and signs it in; the passkey is added afterwards, in the settings."""

    form_class = SignUpForm
    template_name = "accounts/sign_up.html"
    success_url = reverse_lazy("settings")

    def form_valid(self, form):
        """Sign the new user in."""
        response = super().form_valid(form)
        # Several backends are configured, so Django must be told which one vouches.
        login(self.request, self.object, backend="django.contrib.auth.backends.ModelBackend")
        return response


class ProfileView(LoginRequiredMixin, UpdateView):
    """Changes username, name and e-mail."""

    form_class = ProfileForm
    template_name = "accounts/profile.html"
    context_object_name = "profile"  # not "user", which the base template needs
    success_url = reverse_lazy("profile")

    def get_object(self, queryset=None):
        """Return the user who is signed in, read afresh.

        An invalid form leaves its values on its instance; request.user must not show them.
        """
        return get_user_model().objects.get(pk=self.request.user.pk)

    def form_valid(self, form):
        """Save, and have the browser update the stored passkeys."""
        response = super().form_valid(form)
        request_user_details_sync(self.request)
        messages.success(self.request, "Your profile is saved.")
        return response
