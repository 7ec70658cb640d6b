"""The page about the log has a row for each reason of a refusal, and each other line (S6.11)."""

import ast
import re
from pathlib import Path

import otp_passkeys

from ..helpers.docs import DOCS
from ..helpers.refusals import COMMON, FRAMES, LIBRARY, REGISTRATIONS

SOURCE = Path(otp_passkeys.__file__).parent
PAGE = (DOCS / "reference" / "log.rst").read_text()

# Where nothing is raised that refuses an answer, though what is raised looks like it. All other modules count.
ELSEWHERE = {
    "actions/guesses.py",
    "actions/managing.py",
    "actions/sign_out_elsewhere.py",
    "actions/ways",
    "admin",
    "importing",
    "management",
    "providers",
    "reauthentication/renewing.py",
    "relying_party.py",
    "safeguards.py",
    "testing",
    "throttling.py",
    "views",
}
# Raised there too, and no refusals.
FAULTS = {"ValueError", "ImproperlyConfigured"}
# What is asked when options are, and logged by nobody.
AT_THE_BEGINNING = {
    "as many as an account may have",
    "upgrade without a sign-in of the user's by something else",
    "too long ago",
    "not with a passkey",
    "used before",
    "nonce_hash is not base64url",
    "nonce_hash is no SHA-256",
    "no passkey to confirm with",
    "password or code is missing",
    "no way to prove it",
    "nothing takes it",
    "password or code is no text",
    "password or code is no text that its form takes",
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
    elsewhere = {SOURCE / name for name in ELSEWHERE}
    for path in SOURCE.rglob("*.py"):
        if not elsewhere.isdisjoint({path, *path.parents}):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
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
