"""The log says which check failed, what was expected and, of origin and RP ID, what came (S6.11)."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest

import otp_passkeys
from otp_passkeys.ceremonies import diagnosis
from otp_passkeys.ceremonies.keys import algorithms
from otp_passkeys.encoding import MAX_SHOWN, shown
from otp_passkeys.models import Passkey
from otp_passkeys.relying_party import RelyingParty
from otp_passkeys.testing import to_base64url

from .helpers_docs import DOCS
from .helpers_steps import SignedIn
from .hostile.parts import OMIT, Parts, attestation_object, changed
from .hostile.site import Site

SOURCE = Path(otp_passkeys.__file__).parent
PAGE = (DOCS / "reference" / "log.rst").read_text()
LIBRARY = "refused by py_webauthn: "
UP, UV, BE, BS, AT = 1, 4, 8, 16, 64
Make = Callable[[Parts], object]


def client_data(**members: Any) -> Make:
    """Return what makes an answer with other client data, signed properly."""
    return lambda parts: parts.make(client_data=changed(parts.client_data, members))


def flags(number: int) -> Make:
    """Return what makes an answer with other flags."""
    return lambda parts: parts.make(data=parts.data.but(flags=number | AT * parts.registers))


def rp_id(name: str) -> Make:
    """Return what makes an answer for another RP ID."""
    return lambda parts: parts.make(
        data=parts.data.but(rp_id_hash=hashlib.sha256(name.encode()).digest())
    )


def key(cose: bytes) -> Make:
    """Return what makes a registration with another public key."""
    return lambda parts: parts.make(data=parts.data.but(key=cose))


def nothing_attested(parts: Parts) -> object:
    """Make a registration without a credential."""
    return parts.attested(attestation_object(bytes(parts.data)[:32] + bytes([UP | UV]) + bytes(4)))


def without_an_id(parts: Parts) -> object:
    """Make a registration whose authenticator data name no credential."""
    return parts.make(data=parts.data.but(id_length=bytes(2), credential_id=b""))


def undecodable(parts: Parts) -> object:
    """Make an answer with extensions that have a key twice."""
    twice = bytes.fromhex("a2616101616102")
    return parts.make(data=parts.data.but(flags=parts.data.flags | 128, extensions=twice))


ORIGINS = "['https://testserver']: OTP_PASSKEYS_ALLOWED_ORIGINS"
HASH = hashlib.sha256(b"evil.example").hexdigest()
COMMON: list[tuple[Make, str]] = [
    (lambda parts: parts.make(type="password"), "type of the credential is not public-key"),
    (client_data(type="webauthn.unlock"), "type of the client data is not webauthn.{}"),
    (client_data(type=OMIT), "type of the client data is not webauthn.{}"),
    (
        client_data(origin="http://localhost:8622"),
        f"origin 'http://localhost:8622' is not among {ORIGINS}",
    ),
    (
        client_data(origin="https://testserver:443"),
        f"origin 'https://testserver:443' is not among {ORIGINS}",
    ),
    (client_data(origin=OMIT), f"origin missing is not among {ORIGINS}"),
    (client_data(origin=["x"]), f"origin of the type list is not among {ORIGINS}"),
    (client_data(tokenBinding={"status": "odd"}), "token binding has an unknown status"),
    (client_data(tokenBinding={"status": []}), "token binding has an unknown status"),
    (
        rp_id("evil.example"),
        f"RP ID with the hash {HASH} is not 'testserver': OTP_PASSKEYS_RP_ID",
    ),
    (flags(UV | BE | BS), "user was not present (flag UP), which was required"),
    (
        flags(UP | BE | BS),
        "user was not verified (flag UV), which was required: OTP_PASSKEYS_USER_VERIFICATION",
    ),
    (flags(UP | UV | BS), "flag BS is set without the flag BE"),
    (undecodable, "the authenticator data cannot be decoded"),
]
REGISTRATIONS: list[tuple[Make, str]] = [
    (nothing_attested, "no new credential is in the authenticator data (flag AT)"),
    (without_an_id, "the credential ID in the authenticator data is empty"),
    (
        key(bytes.fromhex("a20102033824")),
        "the public key cannot be decoded (KeyError)",
    ),
    (
        key(bytes.fromhex("a501020338242001215820" + "01" * 32 + "225820" + "01" * 32)),
        f"algorithm of the public key (-37) is not among {list(algorithms())}",
    ),
    (
        key(bytes.fromhex("a501020361612001214101224101")),
        f"algorithm of the public key (no integer) is not among {list(algorithms())}",
    ),
    (
        key(bytes.fromhex("a5010203262001215820" + "01" * 32 + "225820" + "01" * 32)),
        "the public key is not valid for its algorithm (ValueError)",
    ),
    (
        lambda parts: parts.packed(sig=bytes(64)),
        "attestation statement of the format 'packed' cannot be verified",
    ),
    (
        lambda parts: parts.attested(attestation_object(bytes(parts.data), "odd\n\u202e", {})),
        "attestation statement of the format 'odd\\n\\u202e' cannot be verified",
    ),
]
FRAMES: list[tuple[Make, str]] = [
    (
        client_data(crossOrigin=True, topOrigin="https://evil.example"),
        "topOrigin 'https://evil.example' is not among [], the top_origins of the RelyingParty",
    ),
    (
        client_data(crossOrigin=True),
        "topOrigin missing is not among [], the top_origins of the RelyingParty",
    ),
    (client_data(topOrigin="x"), "crossOrigin and topOrigin do not fit each other"),
]
both = pytest.mark.parametrize("name", ["register", "authenticate"])


@pytest.fixture
def refuse(
    alice: User, bob: User, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> Callable[..., str]:
    """Return a function that sends an answer to an address, and returns the one line in the log."""

    sites: dict[str, Site] = {}

    def send(name: str, make: Make) -> str:
        if name not in sites:
            visitor = name == "authenticate"
            sites[name] = Site(name, alice, bob, signed_in, visitor=visitor)
        site = sites[name]
        caplog.clear()
        response = site.send(make(site.parts()), "json")
        assert response.status_code == 422
        assert response.json() == {  # the user's text says nothing of it
            "code": "verification_failed",
            "detail": "The passkey could not be verified. Try again or choose another way.",
        }
        (line,) = [each.getMessage() for each in caplog.records if each.name == "otp_passkeys"]
        assert line.startswith("Refused an answer: verification_failed (")
        assert line.isascii()
        assert line.isprintable()
        return line.removeprefix("Refused an answer: verification_failed (").removesuffix(")")

    return send


@both
def test_both_ceremonies(refuse: Callable[..., str], name: str) -> None:
    """S6.11: what both ceremonies check is named, with the setting that decides it."""
    kind = {"register": "create", "authenticate": "get"}[name]
    for make, reason in COMMON:
        assert refuse(name, make) == LIBRARY + reason.format(kind)
    for make, reason in FRAMES:
        assert refuse(name, make) == f"answer comes from a frame in a foreign page: {reason}"


def test_registrations(refuse: Callable[..., str]) -> None:
    """S6.11: what is checked of a new credential is named."""
    for make, reason in REGISTRATIONS:
        assert refuse("register", make) == LIBRARY + reason


def test_signature(refuse: Callable[..., str]) -> None:
    """S6.11: a signature that does not fit is told from a stored key that is broken."""

    def forged(parts: Parts) -> object:
        return parts.make(response={"signature": to_base64url(bytes(64))})

    assert refuse("authenticate", forged) == (
        f"{LIBRARY}the signature does not fit the stored public key"
    )

    def with_a_broken_key(parts: Parts) -> object:
        Passkey.objects.update(public_key=b"\xa0")
        return parts.make()

    assert refuse("authenticate", with_a_broken_key) == (
        f"{LIBRARY}the stored public key cannot be used (KeyError)"
    )


@both
def test_rp_id_is_named_where_it_is_a_domain_of_the_page(
    refuse: Callable[..., str], settings: Any, name: str
) -> None:
    """S6.11: a passkey that was made for the host, before a parent domain was set, is recognised by name."""
    settings.ALLOWED_HOSTS = ["testserver", "www.example.com"]
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = ["https://testserver", "https://www.example.com"]

    def made(parts: Parts) -> object:
        data = parts.data.but(rp_id_hash=hashlib.sha256(b"www.example.com").digest())
        page = {**parts.client_data, "origin": "https://www.example.com"}
        return parts.make(data=data, client_data=page)

    assert refuse(name, made) == (
        f"{LIBRARY}RP ID 'www.example.com' is not 'testserver': OTP_PASSKEYS_RP_ID"
    )


def by_callable(request: HttpRequest) -> RelyingParty:
    """Return the relying party of a site that makes it itself."""
    return RelyingParty("testserver", "Test", ("https://testserver",), ("https://portal.example",))


@both
def test_callable_is_named(refuse: Callable[..., str], settings: Any, name: str) -> None:
    """S6.11: where a callable of the site decides, the log names it and not settings that nobody reads."""
    settings.OTP_PASSKEYS_RELYING_PARTY = by_callable
    for make in (client_data(origin="https://evil.example"), rp_id("evil.example")):
        assert refuse(name, make).endswith(": OTP_PASSKEYS_RELYING_PARTY")
    framed = client_data(crossOrigin=True, topOrigin="https://evil.example")
    assert "is not among ['https://portal.example']," in refuse(name, framed)
    # Named as one that may embed, but the browser does not say that it is a frame.
    assert "do not fit each other" in refuse(name, client_data(topOrigin="https://portal.example"))


def escaped_origin(origin: str) -> Make:
    """Return what makes an answer with another origin, written in ASCII: a surrogate has no UTF-8."""
    return lambda parts: parts.make(
        client_data=json.dumps({**parts.client_data, "origin": origin}).encode()
    )


HOSTILE = [
    "https://evil.example/\r\nRefused an answer: forged",
    "https://\u202eevil\x1b[31m\x00\u2028",
    "%s%(message)s{}",
    "'\"\\",
    "https://t\u0435stserver",
    "\ud800",
    "x" * 40_000,
    "\U0010ffff" * 2_000,
]


@both
def test_nothing_raw(refuse: Callable[..., str], name: str) -> None:
    """S6.11, T24: of a text that a client sent the log has at most a hundred characters, quoted and in ASCII."""
    for origin in HOSTILE:
        line = refuse(name, escaped_origin(origin))
        assert f"origin {shown(origin)} is not among" in line
        assert len(line) < 250


@pytest.mark.parametrize("value", [*HOSTILE, "", "x" * MAX_SHOWN, None, 7, [["x"] * 9]])
def test_shown(value: object) -> None:
    """T24: what is shown is one line of ASCII, as long as a line may be."""
    text = shown(value)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= MAX_SHOWN + len("''...")
    if isinstance(value, str) and len(value) < 20:
        assert ast.literal_eval(text) == value
    assert ("..." in text) is (isinstance(value, str) and len(value) > MAX_SHOWN)


@both
def test_stays_a_refusal(
    refuse: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """S6.11: an answer that nobody can explain is refused all the same."""

    def fail(*_: object) -> str:
        raise RuntimeError("cannot be explained")

    for function in ("registration", "assertion"):
        monkeypatch.setattr(diagnosis, function, fail)
    kind = {"register": "Registration", "authenticate": "Authentication"}[name]
    assert refuse(name, client_data(origin="x")) == f"{LIBRARY}Invalid{kind}Response"


# Which refusals come from where an answer is judged.
JUDGES = [
    "answers.py",
    "challenges.py",
    "impersonation.py",
    "sign_ins.py",
    "actions/answering.py",
    "actions/authenticating.py",
    "actions/recording.py",
    "actions/registering.py",
    "actions/retrying.py",
    "ceremonies/keys.py",
    "ceremonies/verification.py",
    "reauthentication/marker.py",
]
# Raised there too, and no refusals.
FAULTS = {"ValueError", "ImproperlyConfigured"}
# What is asked when options are, and logged by nobody.
AT_THE_BEGINNING = {
    "as many as an account may have",
    "upgrade without a sign-in of the user's by something else",
    "too long ago",
    "not with a passkey",
    "used before",
}


def template(node: ast.expr) -> str:
    """Return a text of the code with an ellipsis for what is put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return str(node.value) if isinstance(node, ast.Constant) else ""


def raised() -> set[str]:
    """Return the reasons that the code gives, with an ellipsis for what is put in."""
    found = set()
    for name in JUDGES:
        for node in ast.walk(ast.parse((SOURCE / name).read_text())):
            call = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) not in FAULTS:
                found.add(template(call.args[0]))
    return found - {"", LIBRARY + "…"} - AT_THE_BEGINNING


def documented() -> list[str]:
    """Return the reasons in the tables of the page."""
    rows = re.findall(r"^   \* - (``.*)$", PAGE.split("Refused an answer\n---")[1], re.M)
    return [reason for row in rows for reason in re.findall(r"``(.+?)``", row)]


def fits(reason: str, row: str) -> bool:
    """Say whether a row of the page is about a reason."""
    return re.fullmatch(re.escape(row).replace("…", ".+"), reason) is not None


def test_page() -> None:
    """S6.11: the reference has a row for each reason that a refusal may give, and no other."""
    rows = documented()
    assert len(rows) == len(set(rows))
    told = [reason.format("get") for _, reason in (*COMMON, *REGISTRATIONS)]
    told += [f"answer comes from a frame in a foreign page: {reason}" for _, reason in FRAMES]
    told += ["the signature does not fit the stored public key"]
    told += ["the stored public key cannot be used (KeyError)"]
    known = raised()
    unnamed = [one for one in [*told, *known] if not any(fits(one, row) for row in rows)]
    assert unnamed == []
    assert [row for row in rows if not any(fits(one, row) for one in [*told, *known])] == []


def logged() -> set[str]:
    """Return the lines that the code logs, with an ellipsis for what is put in."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger."):
                found.add(re.sub("%[sd]", "…", template(node.args[0])).replace("%%", "%"))
    return found - {""}


def test_other_lines() -> None:
    """The page names each line that the code logs, and no other."""
    known = {line for line in logged() if not line.startswith("Refused an answer")}
    rows = re.findall(r"^- ``(.+?)``", PAGE.split("Other lines\n---")[1], re.M)
    assert sorted(rows) == sorted(known - {"No passkeys at this address: …"})
