"""A site whose users come with more than their row: PostgreSQL locks none that are joined, grouped or distinct."""

import pytest
from django.contrib.auth.models import User, UserManager
from django.db.models import Count, QuerySet

from otp_passkeys.models import Passkey

from ..conftest import PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import SignedIn

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


class Joined(UserManager[User]):
    """Reads something else with each user, as sites do with a profile."""

    def get_queryset(self) -> QuerySet[User]:
        return super().get_queryset().select_related("passkey_handle")


class Counted(UserManager[User]):
    """Counts something of each user."""

    def get_queryset(self) -> QuerySet[User]:
        return super().get_queryset().annotate(number=Count("groups"))


class Distinct(UserManager[User]):
    """Gives each user once."""

    def get_queryset(self) -> QuerySet[User]:
        return super().get_queryset().distinct()


@pytest.fixture(params=[Joined, Counted, Distinct])
def managed(request: pytest.FixtureRequest, alice: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return alice, whose model has another default manager."""
    manager = request.param()
    manager.model = User
    monkeypatch.setattr(User._meta, "default_manager", manager)
    assert User._default_manager is manager
    return alice


def test_delete(managed: User, signed_in: SignedIn) -> None:
    """P8: a passkey is deleted; it was an error of the server."""
    passkey = stored_passkey(managed)
    response = signed_in(managed).post(f"/passkeys/{passkey.pk}/delete/", secure=True)
    assert response.status_code == 302
    assert not Passkey.objects.exists()


def test_sign_out_elsewhere(managed: User, signed_in: SignedIn) -> None:
    """P11: the other sessions end; it was an error of the server."""
    other, client = signed_in(managed), signed_in(managed)
    page = "/passkeys/sign-out-elsewhere/"
    assert client.post(page, {"password": PASSWORD}, secure=True).status_code == 200
    assert other.get("/passkeys/").status_code == 302
    assert client.get("/passkeys/").status_code == 200
