"""The OpenAPI description: what it says may be answered, and what an answer is in its terms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

JSON = "application/json"
OPENAPI = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(OPENAPI.read_text())
COMPONENTS = DOCUMENT["components"]
# By the name of the address and the method.
OPERATIONS: dict[tuple[str, str], dict[str, Any]] = {
    (one["x-url-name"], method): one
    for item in DOCUMENT["paths"].values()
    for method, one in item.items()
    if method != "parameters"
}
BY_ID: dict[str, dict[str, Any]] = {one["operationId"]: one for one in OPERATIONS.values()}
ADDRESS = {one["operationId"]: address for address, one in OPERATIONS.items()}

# The operation, the status, and the code; the media type where there is no code, "" where there is no body.
Kind = tuple[str, int, str]


def codes(value: Any) -> set[str]:
    """Return every error code that a part of the description allows."""
    if isinstance(value, list):
        return {code for one in value for code in codes(one)}
    if not isinstance(value, dict):
        return set()
    return set(value.get("code", {}).get("enum", [])) | codes(list(value.values()))


def described(operation: str, status: int) -> dict[str, Any]:
    """Return what the description has for a status of an operation."""
    found: dict[str, Any] = BY_ID[operation]["responses"][str(status)]
    if "$ref" in found:
        found = COMPONENTS["responses"][found["$ref"].rpartition("/")[2]]
    return found


def kinds() -> Iterator[Kind]:
    """Return every kind of answer that is described.

    But for what a lost connection is answered with, everywhere alike: `tests/faults/test_database.py` loses some.
    """
    lost = {"$ref": "#/components/responses/TryAgain"}
    for operation, members in BY_ID.items():
        for status in [int(status) for status, one in members["responses"].items() if one != lost]:
            content = described(operation, status).get("content", {})
            for media_type, body in content.items():
                for what in codes(body) or {media_type}:
                    yield operation, status, what
            if not content:
                yield operation, status, ""


def kind_of(operation: str, response: Response) -> Kind:
    """Return what an answer is, and expect that the description has it in this shape.

    :param operation: the `operationId` of what was asked.
    :param response: its answer.
    """
    status = response.status_code
    assert str(status) in BY_ID[operation]["responses"], (operation, status, response.content)
    found = described(operation, status)
    assert all(name in response for name in found.get("headers", {}))
    if "content" not in found:
        assert response.content == b""
        return operation, status, ""
    media_type = response["Content-Type"].partition(";")[0]
    assert media_type in found["content"], (operation, status, media_type)
    if media_type != JSON:
        return operation, status, media_type
    schema = {**found["content"][JSON]["schema"], "components": COMPONENTS}
    jsonschema.Draft202012Validator(schema).validate(response.json())
    return operation, status, response.json().get("code", JSON)
