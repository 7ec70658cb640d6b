"""Requests that nobody thought of get an answer that the OpenAPI description has."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.test import Client

from .helpers_rows import stored_passkey
from .helpers_steps import SignedIn
from .test_openapi import DOCUMENT

schemathesis = pytest.importorskip("schemathesis")
hypothesis = pytest.importorskip("hypothesis")
not_a_server_error = schemathesis.checks.not_a_server_error
specific = pytest.importorskip("schemathesis.specs.openapi.checks")
status_code_conformance = specific.status_code_conformance
response_schema_conformance = specific.response_schema_conformance
pytestmark = pytest.mark.api


@pytest.mark.parametrize("visitor", [True, False], ids=["visitor", "signed in"])
def test_no_surprise(
    transactional_db: None, alice: User, signed_in: SignedIn, visitor: bool
) -> None:
    """No 5xx, and no status or shape that is not described (S4)."""
    client = Client() if visitor else signed_in(alice)
    if not visitor:
        stored_passkey(alice)
    client.get("/passkeys/sign-in/?other=1")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    headers = {"X-CSRFToken": cookies["csrftoken"], "Accept": "application/json"}
    checks = [
        not_a_server_error,
        status_code_conformance,
        response_schema_conformance,
    ]
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.seed(1)
        @hypothesis.settings(
            max_examples=20,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            case.call_and_validate(headers=headers, cookies=cookies, checks=checks)

        attempt()
        count += 1
    assert count == 13
