"""The app that holds the site's own account pages."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Sign-up, profile and settings."""

    name = "accounts"
