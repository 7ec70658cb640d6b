"""A site whose users can have a new password sent to them."""

from django.contrib.auth.views import PasswordResetView
from django.urls import path

from .urls import urlpatterns as usual

urlpatterns = [*usual, path("reset/", PasswordResetView.as_view(), name="password_reset")]
