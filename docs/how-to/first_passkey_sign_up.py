"""A sign-up that leads new users to their first passkey."""

from django.contrib.auth import login
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import path, reverse_lazy
from django.views.generic import CreateView, TemplateView


class SignUpView(CreateView):
    form_class = UserCreationForm  # of a user model of your own: a form of your own
    template_name = "accounts/sign_up.html"
    success_url = reverse_lazy("first-passkey")

    def form_valid(self, form):
        response = super().form_valid(form)
        # Several backends are configured, so Django must be told which one vouches.
        login(self.request, self.object, backend="django.contrib.auth.backends.ModelBackend")
        return response


class FirstPasskeyView(LoginRequiredMixin, TemplateView):
    template_name = "accounts/first_passkey.html"


urlpatterns = [
    path("sign-up/", SignUpView.as_view(), name="sign-up"),
    path("sign-up/passkey/", FirstPasskeyView.as_view(), name="first-passkey"),
]
