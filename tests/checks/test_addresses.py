"""The system checks of hosts, RP ID and origins, each with the remedy that it names."""

from typing import Any

import pytest

from ..helpers.checks import ids, messages, only_message

ORIGINS = "OTP_PASSKEYS_ALLOWED_ORIGINS"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.each_set,
]  # Django's own checks of models ask what the database can do


@pytest.fixture(autouse=True)
def _named_hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["example.com", "www.example.com"]


@pytest.mark.parametrize(
    ("rp_id", "hosts", "fits"),
    [
        ("example.com", ["example.com"], True),
        ("example.com", ["www.example.com"], True),
        ("example.com", [".example.com"], True),
        ("example.com", [], True),  # development: Django lets local hosts through
        ("www.example.com", ["example.com"], False),
        ("example.org", ["example.com"], False),
        ("https://example.com", ["example.com"], False),
        ("example.com:443", ["example.com"], False),
        ("", ["example.com"], False),
        (".example.com", [".example.com"], False),
    ],
)
def test_rp_id(settings: Any, rp_id: str, hosts: list[str], fits: bool) -> None:
    """E007, T26: the RP ID is a host of the site or a parent of one."""
    settings.OTP_PASSKEYS_RP_ID, settings.ALLOWED_HOSTS = rp_id, hosts
    assert ids() == ([] if fits else ["otp_passkeys.E007"])


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        ("https://example.com", True),
        ("https://www.example.com:8443", True),
        ("http://localhost:8000", True),
        ("http://example.com", False),
        ("http://localhost.example.com", False),
        ("https://example.com/", False),
        ("https://example.com/path", False),
        ("example.com", False),
        ("https://*.example.com", False),  # as CSRF_TRUSTED_ORIGINS has it
        ("https://EXAMPLE.com", False),
        ("https://example.com:443", False),
        ("https://me@example.com", False),
        ("ftp://localhost", False),
        ("http://shop.localhost:8000", True),
        ("http://localhost:80", False),
        ("https://127.0.0.1:8000", False),  # no passkey works there
        ("https://[::1]", False),
        ("https://bücher.example", False),  # browsers write xn--bcher-kva
        ("https://", False),
        ("", False),
    ],
)
def test_origins(settings: Any, origin: str, fits: bool) -> None:
    """E008, T26: each origin is one that a browser sends from a secure page."""
    setattr(settings, ORIGINS, [origin])
    assert ids() == ([] if fits else ["otp_passkeys.E008"])


@pytest.mark.parametrize(
    ("rp_id", "fits"),
    [
        ("example.com", True), ("a-b.c3.example", True), ("xn--bcher-kva.example", True),
        ("localhost", True), ("x" * 63 + ".example", True), ("https://example.com", False),
        ("example.com:443", False), ("example.com/", False), ("Example.com", False),
        ("bücher.example", False), (".example.com", False), ("example.com.", False),
        ("example..com", False), ("-a.example", False), (" example.com", False),
        ("example.com\n", False), ("x" * 64 + ".example", False),
        (".".join(["x" * 60] * 5), False), ("", False), ("*", False), ("127.0.0.1", False),
        ("[::1]", False), ("::1", False), ("127.1", False), ("0x7f.1", False),
        ("example.0x", False), ("1.2.3.4.5", False), ("4.example.com", True), ("v4", True),
        (["example.com"], False), (b"example.com", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("hosts", [[], ["*"]])
def test_shape_of_the_rp_id(settings: Any, rp_id: object, fits: bool, hosts: list[str]) -> None:
    """E019, S6.12: what browsers refuse everywhere is named in development too, where ALLOWED_HOSTS says nothing."""
    settings.OTP_PASSKEYS_RP_ID, settings.ALLOWED_HOSTS = rp_id, hosts
    setattr(settings, ORIGINS, None)
    found = messages()
    assert [one.id for one in found] == ([] if fits else ["otp_passkeys.E019"])
    assert fits or repr(rp_id) in found[0].msg
    ids(deploy=True)  # and nothing raises


def test_rp_id_that_is_an_allowed_address(settings: Any) -> None:
    """E019: an IP address that ALLOWED_HOSTS names is a host of the site, and no RP ID all the same."""
    settings.OTP_PASSKEYS_RP_ID, settings.ALLOWED_HOSTS = "127.0.0.1", ["127.0.0.1"]
    only_message("E019", "IP address")


@pytest.mark.parametrize(
    "value", ["https://example.com", "", b"https://example.com", 7, {"https://example.com": 1}, [7]]
)
def test_origins_that_are_no_list(settings: Any, value: object) -> None:
    """E020, S6.12: text in place of a list is one error that names the list, not one for each character."""
    settings.OTP_PASSKEYS_RP_ID, settings.ALLOWED_HOSTS = "example.com", ["*"]
    setattr(settings, ORIGINS, value)
    only_message("E020", repr(value), hint="['https://example.com']")
    assert ids(deploy=True) == ["otp_passkeys.E020"]


@pytest.mark.parametrize("value", [[], (), set()])
def test_no_origin(settings: Any, value: object) -> None:
    """E020, S6.12: an empty list, as an environment variable that is not set gives it, lets nobody in."""
    setattr(settings, ORIGINS, value)
    only_message("E020", f"{value!r}, so that no passkey works")


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_origins_of_any_kind(settings: Any, kind: Any) -> None:
    """E020: a tuple or a set does as well as a list."""
    setattr(settings, ORIGINS, kind(["https://example.com"]))
    assert messages() == []


def test_origin_of_a_native_app(settings: Any) -> None:
    """E008: a native app has an origin without a host."""
    prefix = "android:apk-key-hash:"
    setattr(settings, ORIGINS, [f"{prefix}2jmj7l5rSw0yVb_vlWAYkK_YBwk", f"{prefix}{'A' * 43}"])
    assert ids() == []
    # As the Play Console shows the fingerprint, in base64, and cut.
    setattr(
        settings, ORIGINS, [f"{prefix}{one}" for one in ("14:6D:E9", f"{'A' * 43}=", "AAAA", "")]
    )
    assert ids() == ["otp_passkeys.E008"] * 4


@pytest.mark.parametrize("origin", ["https://example.com:port", "https://[example.com"])
def test_broken_origins(settings: Any, origin: str) -> None:
    """E008: what is no address at all is reported like any other, not raised."""
    setattr(settings, ORIGINS, [origin])
    assert ids() == ["otp_passkeys.E008"]


def test_origins_of_another_site(settings: Any) -> None:
    """E008: related origins are of other domains (WebAuthn L3 §5.11); each that is none is named."""
    settings.ROOT_URLCONF = "tests.views.test_well_known"
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    setattr(settings, ORIGINS, ["https://example.com", "https://example.de"])
    assert messages(deploy=True) == []
    setattr(settings, ORIGINS, ["http://example.de", "https://example.de/"])
    assert ids() == ["otp_passkeys.E008"] * 2
    assert "http://example.de" in messages()[0].msg


@pytest.mark.parametrize("rp_id", [None, "example.com"])
@pytest.mark.parametrize("host", ["*", ".example.com"])
def test_deployed_hosts(settings: Any, host: str, rp_id: str | None) -> None:
    """E009, T27: behind a wildcard a deployed site says from where passkeys are taken, RP ID or not."""
    settings.ALLOWED_HOSTS = ["example.com", host]
    settings.OTP_PASSKEYS_RP_ID = rp_id
    assert ids() == []
    only_message("E009", hint=repr(host), deploy=True)
    settings.OTP_PASSKEYS_RELYING_PARTY = "tests.relying_party.test_relying_party.by_host"
    assert ids(deploy=True) == []


@pytest.mark.parametrize("host", ["*", ".example.com"])
def test_remedy_of_deployed_hosts(settings: Any, host: str) -> None:
    """E009: its remedy is no fault itself; half of it is not enough."""
    settings.ALLOWED_HOSTS = [host]
    settings.OTP_PASSKEYS_RP_ID = "example.com"
    assert ids(deploy=True) == ["otp_passkeys.E009"]
    assert ORIGINS in str(messages(deploy=True)[0].hint)
    setattr(settings, ORIGINS, ["https://example.com"])
    assert ids(deploy=True) == []


@pytest.mark.parametrize(
    ("hosts", "warns"),
    [
        (["staging.example.com"], True),
        (["Staging.Example.com", "api.staging.example.com"], True),
        ([".staging.example.com"], True),
        (["example.com"], False),
        (["example.com", "staging.example.com"], False),
        ([".example.com"], False),  # lets example.com itself in
        (["*"], True),
        (["*", "other.example", "localhost"], True),
        (["*", "example.com"], False),
        ([], False),  # development
    ],
)
def test_shared_rp_id(settings: Any, hosts: list[str], warns: bool) -> None:
    """W003, S0.14: where the RP ID is a parent of every host, a deployment says whether it signals."""
    settings.ALLOWED_HOSTS, settings.OTP_PASSKEYS_RP_ID = hosts, "example.com"
    setattr(settings, ORIGINS, ["https://staging.example.com"])
    assert ids() == []
    assert ids(deploy=True) == (["otp_passkeys.W003"] if warns else [])
    for value in (True, False, "no-unknown"):
        settings.OTP_PASSKEYS_SIGNALS = value
        assert ids(deploy=True) == []
    del settings.OTP_PASSKEYS_SIGNALS
    settings.OTP_PASSKEYS_RELYING_PARTY = "tests.relying_party.test_relying_party.by_host"
    assert ids(deploy=True) == []
