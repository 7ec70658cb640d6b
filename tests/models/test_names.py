"""What is read: names of users as browsers show them, names of passkeys as their owner reads them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import models
from django.db.models import prefetch_related_objects
from django.test import Client
from django.test.utils import isolate_apps
from django.urls import reverse
from django.utils import translation

from otp_passkeys.models import Passkey, UserDetails, user_details
from otp_passkeys.testing import Authenticator, register

from ..helpers.registries import NOBODY, ONE_PASSWORD, ZERO
from ..helpers.rows import stored_passkey

UNKNOWN = "Unknown passkey provider"


def names(user: User) -> list[str]:
    """Return what a user reads in the list."""
    return [passkey.name for passkey in Passkey.objects.for_user(user)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"username": "alice", "email": "a@x.org", "first_name": "Alice", "last_name": "Archer"},
            UserDetails("alice", "Alice Archer"),
        ),
        ({"username": "alice", "email": "a@x.org"}, UserDetails("alice", "alice")),
        ({"username": "alice", "first_name": "Alice"}, UserDetails("alice", "Alice")),
        ({"username": "", "email": "a@x.org"}, UserDetails("a@x.org", "a@x.org")),
        ({"username": "", "first_name": "Alice"}, UserDetails("Account", "Alice")),
        ({"username": ""}, UserDetails("Account", "Account")),
        ({"username": "משה", "first_name": "  "}, UserDetails("משה", "משה")),
    ],
)
def test_user_details(fields: dict[str, str], expected: UserDetails) -> None:
    """S0.22: user name, else e-mail; full name, else that name; never empty, or nothing registers."""
    assert user_details(User(**fields)) == expected


def test_user_without_a_name_registers(bob: User, signed_in: Callable[..., Client]) -> None:
    """S0.22: a user with an empty user name can add a passkey, in any language of the site."""
    User.objects.filter(pk=bob.pk).update(username="", email="")
    authenticator = Authenticator()
    with translation.override("de"):
        assert register(signed_in(bob), authenticator).status_code == 201
    assert authenticator.credentials[0].user_name


@isolate_apps("tests")
def test_user_model_of_a_site() -> None:
    """S0.21: a user model with neither e-mail, full name nor text as its name has details too."""

    class Member(AbstractBaseUser):
        number = models.IntegerField(unique=True)
        USERNAME_FIELD = "number"

        class Meta:
            app_label = "tests"

    class Customer(AbstractBaseUser):
        mail = models.EmailField(unique=True)
        USERNAME_FIELD = EMAIL_FIELD = "mail"

        class Meta:
            app_label = "tests"

        def get_full_name(self) -> None:
            """Have none, as some models say it."""

    assert user_details(Member(number=12)) == UserDetails("12", "12")
    assert user_details(Customer(mail="c@x.org")) == UserDetails("c@x.org", "c@x.org")


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        (ONE_PASSWORD, "1Password"), (ONE_PASSWORD.upper(), "1Password"), (ZERO, UNKNOWN),
        (NOBODY, UNKNOWN), ("no AAGUID", UNKNOWN), ("", UNKNOWN), (None, UNKNOWN),
    ],
)  # fmt: skip
def test_provider_name(alice: User, aaguid: str | None, name: str) -> None:
    """S1.8, S2.3: each AAGUID has a name, known or not, in any letter case."""
    passkey = stored_passkey(alice, aaguid=aaguid)
    assert (str(passkey.provider.name), passkey.name) == (name, name)


def test_nickname_wins(alice: User) -> None:
    """S1.9: a nickname wins over the provider's name; clearing it brings that back."""
    passkey = stored_passkey(alice, aaguid=ONE_PASSWORD, nickname="Blue")
    assert names(alice) == ["Blue"]
    passkey.nickname = ""
    passkey.save()
    assert names(alice) == ["1Password"]


def test_equal_names_are_numbered(alice: User, eve: User) -> None:
    """S3.4: equal names are numbered, oldest first, by owner; it does not matter where they are from."""
    stored_passkey(eve, aaguid=ONE_PASSWORD)
    rows: list[dict[str, Any]] = [
        {"aaguid": ONE_PASSWORD},
        {"nickname": "Blue"},
        {"nickname": "1Password"},
        {},
        {"aaguid": ONE_PASSWORD, "confirmed": False},
        {},
    ]
    for fields in rows:
        stored_passkey(alice, **fields)
    assert names(alice) == [
        "1Password", "Blue", "1Password 2", UNKNOWN, "1Password 3", f"{UNKNOWN} 2",
    ]  # fmt: skip
    assert names(eve) == ["1Password"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_two_names_are_equal(alice: User, place: int) -> None:
    """P12: a nickname that reads like a numbered name makes no two rows read the same."""
    nicknames = ["", ""]
    nicknames.insert(place, f"{UNKNOWN} 2")
    for nickname in nicknames:
        stored_passkey(alice, nickname=nickname)
    read = names(alice)
    assert len(set(read)) == 3
    assert read[place] == f"{UNKNOWN} 2"  # what the user typed is what the user reads


def test_one_query(alice: User, count: Callable[..., Any]) -> None:
    """Costs: list, names and providers of any number of passkeys are one query."""
    for _ in range(5):
        stored_passkey(alice, aaguid=ONE_PASSWORD)
    with count(statements=1):
        assert names(alice)[-1] == "1Password 5"


def test_pages_number_alike(alice: User, signed_in: Callable[..., Client]) -> None:
    """S2.6, P12: the page that asks before it deletes calls a passkey what the list calls it."""
    for _ in range(2):
        passkey = stored_passkey(alice, aaguid=ONE_PASSWORD)
    client = signed_in(alice)
    for name in ("delete", "rename"):
        page = client.get(reverse(f"otp_passkeys:{name}", args=[passkey.pk]))
        assert "1Password 2" in page.content.decode()


def test_list_is_read_each_time(alice: User, browser: Client) -> None:
    """S2.1, S2.2: what another process added, renamed or deleted is in the list at once."""

    def shown() -> list[str]:
        answer = browser.get(
            reverse("otp_passkeys:list"), headers={"Accept": "application/json"}
        ).json()
        return [each["name"] for each in answer["passkeys"]]

    assert shown() == []
    stored_passkey(alice, nickname="Blue")
    assert shown() == ["Blue"]
    Passkey.objects.update(nickname="Green")
    assert shown() == ["Green"]
    Passkey.objects.all().delete()
    assert shown() == []


@pytest.mark.parametrize("aaguid", [None, "", "?"])
@pytest.mark.parametrize("transports", [[], ""])
def test_rows_from_before(
    alice: User, signed_in: Callable[..., Client], aaguid: str | None, transports: Any
) -> None:
    """S2.3: rows with empty AAGUID, transports and dates are listed, excluded and asked for."""
    passkey = stored_passkey(alice, aaguid=aaguid, transports=transports, discoverable=None)
    Passkey.objects.update(created_at=None)
    client = signed_in(alice)
    url = reverse("otp_passkeys:list")
    (row,) = client.get(url, headers={"Accept": "application/json"}).json()["passkeys"]
    assert (row["name"], row["created_at"], row["last_used_at"]) == (UNKNOWN, None, None)
    assert UNKNOWN in client.get(url).content.decode()
    for name, member in (
        ("register-options", "excludeCredentials"),
        ("authenticate-options", "allowCredentials"),
    ):
        options = client.post(reverse(f"otp_passkeys:{name}")).json()
        assert options[member] == [{"type": "public-key", "id": passkey.id_base64url}]


def test_rows_from_before_come_first(alice: User) -> None:
    """S2.3: a row without a date is older than any with one."""
    stored_passkey(alice, nickname="new")
    old = stored_passkey(alice, nickname="old")
    Passkey.objects.filter(pk=old.pk).update(created_at=None)
    assert names(alice) == ["old", "new"]


def test_list_is_not_read_from_a_cached_relation(alice: User) -> None:
    """S2.2: what a view has loaded of its user before is not what is listed."""
    prefetch_related_objects([alice], "passkeys")
    assert list(alice.passkeys.all()) == []
    passkey = stored_passkey(alice)
    assert list(alice.passkeys.all()) == []  # as Django keeps it
    assert Passkey.objects.for_user(alice) == [passkey]
    assert list(Passkey.objects.rows_of(alice)) == [passkey]
