"""The tokens of djangorestframework-simplejwt."""

from rest_framework_simplejwt.tokens import RefreshToken


def token_for(user):
    """Return what the app gets that has signed this user in with a passkey."""
    refresh = RefreshToken.for_user(user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}
