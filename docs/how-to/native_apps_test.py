from django.contrib.auth import get_user_model
from django.test import TestCase, override_settings

from otp_passkeys.testing import App, Authenticator

from .tokens import token_for

ORIGIN = "android:apk-key-hash:FG3pg8VzBlDY7rmVLzT8ZBagg0LmHb6oigSWsj_PROU"
SIGN_IN = ("/api/passkeys/sign-in/options/", "/api/passkeys/sign-in/")
REGISTER = ("/api/passkeys/register/options/", "/api/passkeys/register/")


@override_settings(
    ALLOWED_HOSTS=["example.com"],
    OTP_PASSKEYS_RP_ID="example.com",
    OTP_PASSKEYS_ALLOWED_ORIGINS=["https://example.com", ORIGIN],
)
class AppTests(TestCase):
    def test_app(self):
        user = get_user_model().objects.create_user("alice", password="correct horse")
        phone = App(
            authenticator=Authenticator(origin=ORIGIN),
            authorization=f"Token {token_for(user)['token']}",
            host="example.com",
        )
        added = phone.register(*REGISTER, proof={"password": "correct horse"})
        self.assertEqual(added.status_code, 201, added.content)
        signed_in = phone.sign_in(*SIGN_IN)
        self.assertEqual(signed_in.status_code, 200, signed_in.content)
