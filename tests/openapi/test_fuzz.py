"""Requests that nobody thought of get an answer that the OpenAPI description has."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.test import Client

from otp_passkeys.models import Passkey
from otp_passkeys.testing import Authenticator

from ..conftest import PASSWORD
from ..helpers.registries import ONE_PASSWORD
from ..helpers.rows import stored_passkey
from ..helpers.steps import ORIGIN, SignedIn, ask, csrf_secret
from .description import BY_ID, DOCUMENT

schemathesis = pytest.importorskip("schemathesis")
hypothesis = pytest.importorskip("hypothesis")
strategies = pytest.importorskip("hypothesis.strategies")
specific = pytest.importorskip("schemathesis.specs.openapi.checks")
pytestmark = pytest.mark.api

CHECKS = [
    schemathesis.checks.not_a_server_error,
    specific.status_code_conformance,
    specific.response_schema_conformance,
]
OPTIONS = hypothesis.settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
# What an operation answers when its work is done, or judged: it was reached, and not only its door.
REACHED = {
    "list": {200}, "registerOptions": {200}, "register": {400, 422}, "authenticateOptions": {200},
    "authenticate": {400, 422}, "renamePage": {200}, "rename": {200}, "deletePage": {200},
    "delete": {204}, "signOutElsewherePage": {200}, "signOutElsewhere": {204, 422},
    "forget": {302}, "reauthenticateWays": {200}, "reauthenticate": {200, 400, 422},
    "reauthenticatePasskeyWays": {200}, "reauthenticatePasskey": {400, 422},
    "reauthenticateSecondFactorWays": {200}, "reauthenticateSecondFactor": {400, 422},
    "sync": {200}, "syncDone": {204}, "icon": {200},
}  # fmt: skip
REACHED_BY_VISITORS = {
    **{one: REACHED[one] for one in ("authenticateOptions", "authenticate", "forget", "icon")},
    "sync": {204},
}
JSON_VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=4,
)


@dataclass
class Fuzz:
    """One operation of the description, asked by a browser that begins anew each time."""

    operation: str
    user: User | None
    signed_in: SignedIn
    authenticator: Authenticator
    statuses: Counter[int] = field(default_factory=Counter)

    def browser(self) -> Client:
        """Return a new browser, in which the user is signed in, if there is one."""
        client = Client()
        if self.user:
            self.user.refresh_from_db()  # its password was hashed anew
            if not Passkey.objects.filter(user=self.user).exists():  # it was deleted
                stored_passkey(self.user)
            client = self.signed_in(self.user)
        client.get("/passkeys/sign-in/?other=1")
        return client

    def attempt(self, case: Any, data: Any) -> None:
        """Send a request as it was generated, or aimed at what there is."""
        client = self.browser()
        if data.draw(strategies.booleans(), label="aimed"):
            self.aim(client, case, data)
        headers = {"Accept": "application/json", "X-CSRFToken": csrf_secret(client)}
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        response = case.call_and_validate(headers=headers, cookies=cookies, checks=CHECKS)
        self.statuses[response.status_code] += 1

    def aim(self, client: Client, case: Any, data: Any) -> None:
        """Name a passkey of the user, a provider or the password, or send an answer with one part spoiled."""
        if "pk" in case.path_parameters and self.user:
            case.path_parameters["pk"] = Passkey.objects.get(user=self.user).pk
        if "aaguid" in case.path_parameters:
            case.path_parameters["aaguid"] = ONE_PASSWORD
        if self.operation == "signOutElsewhere":
            case.body = {"password": PASSWORD}
            return
        if self.operation.startswith("reauthenticate"):
            way = data.draw(strategies.sampled_from(["password", "passkey"]), label="way")
            case.body = {"way": way, "password": PASSWORD}
            return
        if self.operation == "register" and self.user:
            credential = Authenticator().create(ask(client, "register-options"))
        elif self.operation == "authenticate":
            credential = self.authenticator.get(ask(client, "authenticate-options"))
        else:
            return
        case.body = {"credential": credential}
        place = data.draw(strategies.sampled_from([credential, credential["response"]]))
        place[data.draw(strategies.sampled_from(sorted(place)))] = data.draw(JSON_VALUES)


@pytest.mark.parametrize("operation", BY_ID)
@pytest.mark.parametrize("visitor", [True, False], ids=["visitor", "signed in"])
def test_no_surprise(
    transactional_db: None,
    alice: User,
    passkey: Passkey,
    authenticator: Authenticator,
    signed_in: SignedIn,
    operation: str,
    settings: Any,
    visitor: bool,
) -> None:
    """No 5xx, and no status or shape that is not described, wherever the request got (S4)."""
    # The generator asks localhost, and knows no other host.
    settings.OTP_PASSKEYS_RP_ID = "testserver"
    settings.OTP_PASSKEYS_ALLOWED_ORIGINS = [ORIGIN]
    fuzz = Fuzz(operation, None if visitor else alice, signed_in, authenticator)
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    [found] = [
        one.ok()
        for one in schema.get_all_operations()
        if one.ok().definition.raw["operationId"] == operation
    ]

    @hypothesis.seed(1)
    @OPTIONS
    @hypothesis.given(case=found.as_strategy(), data=strategies.data())
    def attempt(case: Any, data: Any) -> None:
        fuzz.attempt(case, data)

    attempt()
    expected = REACHED_BY_VISITORS.get(operation, {401}) if visitor else REACHED[operation]
    assert expected <= set(fuzz.statuses), fuzz.statuses
