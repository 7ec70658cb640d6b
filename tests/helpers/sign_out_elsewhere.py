"""The page that signs a user out everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import Client
from django.test.client import MULTIPART_CONTENT

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

PAGE = "/passkeys/sign-out-elsewhere/"
JSON = "application/json"


def end_others(client: Client, *, as_json: bool = False, **fields: str) -> Response:
    """Answer the page."""
    kind = JSON if as_json else MULTIPART_CONTENT
    return client.post(PAGE, fields, content_type=kind, secure=True)
