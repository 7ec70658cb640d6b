"""Makes the account that the demo prints."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

USERNAME = "demo"
PASSWORD = "try-a-passkey"
PLACES = [
    ("home", "the home page"),
    ("otp_passkeys:sign-in", "sign in with the password or a passkey"),
    ("otp_passkeys:list", "add, rename and delete passkeys"),
    ("profile", "change the name, and see it change in the password manager"),
    ("delete-account", "a page that asks who you are, once the sign-in is ten minutes old"),
    ("admin:index", "the admin"),
]


class Command(BaseCommand):
    """Make the demo account, or give it its password back."""

    help = "Makes the account 'demo' (or gives it its password back) and prints where to look."

    def add_arguments(self, parser):
        """Take the address at which the site will be served."""
        parser.add_argument("--site", default="http://localhost:8000", help="address of the site")

    def handle(self, *args, site, **options):
        """Make the account and print how to use it.

        :raises CommandError: if DEBUG is off, because the password is public.
        """
        if not settings.DEBUG:
            raise CommandError("The password of the demo account is public: not without DEBUG.")
        user, created = get_user_model().objects.get_or_create(
            username=USERNAME,
            defaults={
                "first_name": "Dana",
                "last_name": "Demo",
                "email": "demo@example.com",
                "is_staff": True,
                "is_superuser": True,
            },
        )
        if not user.check_password(PASSWORD):  # setting it anew would end the account's sessions
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        self.stdout.write(f"{'Made' if created else 'Found'} the demo account.\n")
        self.stdout.write(f"  user name  {USERNAME}\n  password   {PASSWORD}\n")
        for name, text in PLACES:
            self.stdout.write(f"  {site.rstrip('/') + reverse(name):<52}{text}")
