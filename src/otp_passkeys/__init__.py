"""Passkeys for Django sites, as a plugin of django-otp."""

__version__ = "0.1.0"
