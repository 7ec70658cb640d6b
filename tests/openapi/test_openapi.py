"""The OpenAPI description names the addresses and codes that there are, no less and no more."""

import re
from typing import Any

import pytest
from django.urls import get_resolver

from otp_passkeys.views.base import PasskeyView

from ..helpers.docs import DOCS, all_errors
from .description import COMPONENTS, DOCUMENT, OPERATIONS, codes

STATUS = {one.code: one.status for one in all_errors()}
PAGES: set[str | None] = {"sign-in"}


def test_addresses_and_methods() -> None:
    """Every address that answers JSON is described with its methods, and no other (S4)."""
    expected: set[tuple[str | None, str]] = {("icon", "get")}
    for pattern in get_resolver("otp_passkeys.urls").url_patterns:
        view = getattr(pattern.callback, "view_class", None)
        if pattern.name not in PAGES and view and issubclass(view, PasskeyView):
            expected |= {(pattern.name, m) for m in ("get", "post") if hasattr(view, m)}
    assert set(OPERATIONS) == expected


def test_paths() -> None:
    """Every path is that of its address (S4)."""
    paths = {
        "/" + str(pattern.pattern).replace("<int:", "{").replace("<slug:", "{")
        .replace("<str:", "{").replace(">", "}")
        for pattern in get_resolver("otp_passkeys.urls").url_patterns
        if pattern.name not in PAGES
    }  # fmt: skip
    assert set(DOCUMENT["paths"]) == paths


def test_codes() -> None:
    """Every code of a refusal is described, and every described one exists (S4)."""
    ours = {one.code for one in all_errors() if one.__module__ == "otp_passkeys.exceptions"}
    assert set(COMPONENTS["schemas"]["Error"]["properties"]["code"]["enum"]) == ours
    parts = [DOCUMENT["paths"], COMPONENTS["responses"]]
    assert codes(parts) == ours


def test_members_of_a_passkey() -> None:
    """Each member of a passkey has its row in the reference, and no other has (S4)."""
    page = (DOCS / "reference" / "http.rst").read_text("utf-8")
    table = page.split("\nA passkey\n")[1].split("\nSync\n")[0]
    rows = re.findall(r"^   \* - (``.*)$", table, re.M)
    members = [one for row in rows for one in re.findall(r"``(\w+)``", row)]
    assert sorted(members) == sorted(COMPONENTS["schemas"]["Passkey"]["properties"])


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda one: one["operationId"])
def test_statuses(operation: dict[str, Any]) -> None:
    """Each code stands under the status of its class (S4)."""
    for status, answer in operation["responses"].items():
        assert {STATUS[code] for code in codes(answer)} <= {int(status)} if codes(answer) else True
