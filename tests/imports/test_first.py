from __future__ import annotations
from io import StringIO
import pytest
from django.core.management import call_command
from otp_passkeys.models import Passkey
from otp_passkeys.testing import sign_in
from django.test import Client
from .conftest import SOURCE

@pytest.mark.django_db
def test_x(alice, old, authenticator):
    old.register(alice, authenticator)
    print(old.rows()[0].__dict__)
    out = StringIO()
    call_command("import_passkeys", SOURCE, stdout=out)
    print(out.getvalue())
    p = Passkey.objects.get()
    print({k: v for k, v in p.__dict__.items()})
    r = sign_in(Client(), authenticator)
    print(r.status_code, r.content)
    assert r.status_code == 200
