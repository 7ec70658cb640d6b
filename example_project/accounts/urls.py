"""The addresses of the account pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import danger, views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("sign-up/", views.SignUpView.as_view(), name="sign-up"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("settings/", views.SettingsView.as_view(), name="settings"),
    path("settings/profile/", views.ProfileView.as_view(), name="profile"),
    path("settings/export/", danger.ExportView.as_view(), name="export"),
    path("settings/delete/", danger.DeleteAccountView.as_view(), name="delete-account"),
]
