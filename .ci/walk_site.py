"""Walks on a site that a page has made, as its user: adds a passkey, signs out, signs in with it, changes a name.

Arguments: the module of the settings; the account, which is `make` for one to be made, `sign-up` for one that signs
up, or the name of one that is there; and its password.
"""

import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path.cwd()))
settings, account, password = sys.argv[1:]
os.environ["DJANGO_SETTINGS_MODULE"] = settings
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

import otp_passkeys  # noqa: E402
from otp_passkeys.testing import Authenticator, register, sign_in  # noqa: E402

SYNC = "<otp-passkey-sync"
DETAILS = {"first_name": "Alice", "last_name": "Archer", "email": ""}


def shown(response, status=200):
    """Return the text of an answer, which has this status."""
    assert response.status_code == status, (response.status_code, response.content[-2000:])
    return response.content.decode()


def main():
    """Do what the page says at its end, and see what it says that one sees."""
    assert "site-packages" in otp_passkeys.__file__, otp_passkeys.__file__
    name = "alice"
    client = Client(headers={"host": "localhost:8000"})
    panel = reverse("otp_passkeys:list")
    # A visitor who opens the panel is led to the sign-in page, which is there.
    assert 'type="password"' in shown(client.get(panel, follow=True))
    if account == "sign-up":
        form = {"username": name, **DETAILS, "password1": password, "password2": password}
        assert panel in shown(client.post(reverse("sign-up"), form, follow=True))
    else:
        if account == "make":
            get_user_model().objects.create_user(name, password=password)
        form = {"username": name, "password": password}
        assert "<otp-passkey-panel" in shown(
            client.post(reverse("otp_passkeys:sign-in"), form, follow=True)
        )
    authenticator = Authenticator(origin="http://localhost:8000")
    shown(register(client, authenticator), 201)
    shown(client.get(panel))
    client.logout()
    shown(sign_in(client, authenticator))
    assert SYNC in shown(client.get(panel))
    if account == "sign-up":
        assert "with a passkey" in shown(client.get("/"))
        changed = {"username": name, **DETAILS, "first_name": "Alicia"}
        assert SYNC in shown(client.post(reverse("profile"), changed, follow=True))
        shown(client.get(reverse("export")))
        assert "deleted" in shown(client.post(reverse("delete-account"), follow=True))


main()
