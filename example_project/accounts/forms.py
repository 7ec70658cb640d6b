"""The forms of the account pages."""

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UserCreationForm
from django.forms import ModelForm

User = get_user_model()

DETAILS = ["username", "first_name", "last_name", "email"]


class SignUpForm(UserCreationForm):
    """Makes an account with a password."""

    class Meta(UserCreationForm.Meta):
        """Ask for the details as well as the password."""

        model = User
        fields = DETAILS


class ProfileForm(ModelForm):
    """Changes the details that password managers show beside a passkey."""

    class Meta:
        """Offer the same details as the sign-up."""

        model = User
        fields = DETAILS
