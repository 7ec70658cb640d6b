"""A site whose types are checked strictly: mypy reads it in `nox -s types`, and nothing runs it.

What is decorated keeps its type, and a wrong argument is an error: each ``type: ignore`` here is one that mypy would
otherwise report, and mypy reports those that it does not need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.views.generic import TemplateView, View

from otp_passkeys.actions import authenticate
from otp_passkeys.models import Passkey
from otp_passkeys.policy import Policy
from otp_passkeys.reauthentication import (
    Need,
    ReauthenticationRequiredMixin,
    reauthentication_required,
    require,
)
from otp_passkeys.testing import Authenticator, Overrides, register, sign_in

if TYPE_CHECKING:
    from typing_extensions import Unpack, assert_type


@reauthentication_required
def close(request: HttpRequest, account: int) -> JsonResponse:
    return JsonResponse({"closed": account})


@reauthentication_required(max_age=300, method="passkey", second_factor=True, once=True)
async def export(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@reauthentication_required
class Settings(TemplateView):
    template_name = "settings.html"

    def accounts(self) -> list[int]:
        return [1]


@reauthentication_required(max_age=60)
class Transfer(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse()


class Delete(ReauthenticationRequiredMixin, TemplateView):
    reauthentication_max_age = 300


class SitePolicy(Policy):
    def may_sign_in(self, user: Any, request: HttpRequest | None = None) -> bool:
        return super().may_sign_in(user, request)


async def views(request: HttpRequest) -> None:
    assert_type(close(request, 1), JsonResponse)
    assert_type(await export(request), HttpResponse)
    assert_type(Settings().accounts(), list[int])
    assert_type(Transfer, type[Transfer])
    Delete.as_view()
    close(request)  # type: ignore[call-arg]
    reauthentication_required(max_age="60")  # type: ignore[call-overload]
    assert_type(reauthentication_required(close, once=True)(request, 1), JsonResponse)


def actions(request: HttpRequest) -> Passkey:
    require(request, Need(once=True))
    return authenticate(request, {}).passkey


def add(client: Client, user: User, **overrides: Unpack[Overrides]) -> bytes:
    client.force_login(user)
    return register(client, Authenticator(), nickname="Work", **overrides).content


def ceremonies(client: Client, user: User, authenticator: Authenticator) -> None:
    add(client, user, user_verified=False, aaguid="00000000-0000-0000-0000-000000000000")
    sign_in(client, authenticator, next="/", counter=5, attestation="none")
    authenticator.create({}, discoverable=True)
    authenticator.get({}, user_handle=b"1")
    sign_in(client, authenticator, user_verifid=False)  # type: ignore[call-arg]
    sign_in(client, authenticator, counter="5")  # type: ignore[arg-type]
