"""An account that is deleted while one of its passkeys is."""

import pytest
from django.contrib.auth.models import User

from otp_passkeys import actions
from otp_passkeys.exceptions import PasskeyNotFound

from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn


@pytest.mark.parametrize("by_command", [True, False])
def test_account_gone(alice: User, signed_in: SignedIn, by_command: bool) -> None:
    """T11: a passkey whose owner has just gone is one that is not there, and no error of the server."""
    passkey = stored_passkey(alice)
    request = signed_in(alice).get("/").wsgi_request
    user = request.user
    assert user.is_verified()
    pk = passkey.pk
    User.objects.filter(pk=alice.pk).delete()
    with pytest.raises(PasskeyNotFound):
        actions.delete(user=user, pk=pk, request=None if by_command else request)
