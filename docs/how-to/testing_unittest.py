from django.contrib.auth import get_user_model
from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse

from otp_passkeys.testing import Authenticator, register, sign_in

# What the site has in production.
PRODUCTION = {
    "ALLOWED_HOSTS": ["example.com", "www.example.com"],
    "OTP_PASSKEYS_RP_ID": "example.com",
    "OTP_PASSKEYS_ALLOWED_ORIGINS": ["https://example.com", "https://www.example.com"],
    "SECURE_SSL_REDIRECT": True,
}


@override_settings(**PRODUCTION)
class PasskeyTests(TestCase):
    def setUp(self):
        self.user = get_user_model().objects.create_user(
            "alice", "alice@example.com", "correct horse"
        )
        self.client.force_login(self.user, "django.contrib.auth.backends.ModelBackend")
        self.authenticator = Authenticator(origin="https://www.example.com")

    def test_sign_in(self):
        self.assertEqual(register(self.client, self.authenticator).status_code, 201)
        self.client.logout()
        response = sign_in(self.client, self.authenticator)
        self.assertEqual(response.status_code, 200, response.content)

    def test_mail(self):
        with self.captureOnCommitCallbacks(execute=True):
            register(self.client, self.authenticator)
        self.assertEqual(mail.outbox[0].to, ["alice@example.com"])

    def test_another_site(self):
        # A phishing page cannot use the passkey: its origin is not among ours.
        register(self.client, self.authenticator)
        self.client.logout()
        response = sign_in(self.client, self.authenticator, origin="https://example.org")
        self.assertEqual(response.json()["code"], "verification_failed")

    def test_page(self):
        panel = reverse("otp_passkeys:list")
        response = self.client.get(panel, secure=True, headers={"host": "example.com"})
        self.assertContains(response, "No passkeys yet")
