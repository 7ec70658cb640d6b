"""The OpenAPI description names the addresses and codes that there are, no less and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from otp_passkeys.views.base import STATUS, PasskeyView

from .test_docs import all_errors

OPENAPI = Path(__file__).parents[1] / "docs" / "reference" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    (one["x-url-name"], method): one
    for item in DOCUMENT["paths"].values()
    for method, one in item.items()
    if method != "parameters"
}
PAGES: set[str | None] = {
    "sign-in",
    "reauthenticate",
    "reauthenticate-passkey",
    "reauthenticate-second-factor",
}


def codes(value: Any) -> set[str]:
    """Return every error code that a part of the description allows."""
    if isinstance(value, list):
        return {code for one in value for code in codes(one)}
    if not isinstance(value, dict):
        return set()
    return set(value.get("code", {}).get("enum", [])) | codes(list(value.values()))


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
    """Every code of a refusal is described, but for the page's own, and every described one exists (S4)."""
    ours = {one.code for one in all_errors() if one.__module__ == "otp_passkeys.exceptions"}
    assert set(STATUS) == ours
    assert set(SCHEMAS["Error"]["properties"]["code"]["enum"]) == ours - {"reauthentication_failed"}
    parts = [DOCUMENT["paths"], DOCUMENT["components"]["responses"]]
    assert codes(parts) == ours - {"reauthentication_failed"}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda one: one["operationId"])
def test_statuses(operation: dict[str, Any]) -> None:
    """Each code stands under the status that the views give it (S4)."""
    for status, answer in operation["responses"].items():
        assert {STATUS[code] for code in codes(answer)} <= {int(status)} if codes(answer) else True
