"""The tokens of rest_framework.authtoken."""

from rest_framework.authtoken.models import Token


def token_for(user):
    """Return what the app gets that has signed this user in with a passkey."""
    token, _ = Token.objects.get_or_create(user=user)
    return {"token": token.key}
