"""A site whose views are protected in every way that there is."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path, re_path
from django.utils.decorators import method_decorator
from django.views import View

from otp_passkeys.exceptions import ReauthenticationRequired
from otp_passkeys.reauthentication import (
    ReauthenticationRequiredMixin,
    consume,
    reauthentication_required,
    refusal,
)

from ..urls import urlpatterns as usual


def act(request: HttpRequest, **arguments: Any) -> HttpResponse:
    return HttpResponse(f"done {arguments.get('pk', '')}")


@reauthentication_required
async def act_async(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def consuming(request: HttpRequest) -> HttpResponseBase:
    try:
        consume(request)
    except ReauthenticationRequired as error:
        return refusal(request, error)
    return HttpResponse("done")


class Act(View):
    def get(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        return act(request, **arguments)

    post = get


class ActAsync(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    post = get


@reauthentication_required
class Decorated(Act):
    pass


@reauthentication_required
class Positional(View):
    def get(self, request: HttpRequest, *arguments: str) -> HttpResponse:
        return HttpResponse("".join(arguments))


@reauthentication_required(max_age=60)
class DecoratedAsync(ActAsync):
    pass


@reauthentication_required
class Abstract(View):
    pass


class Inheriting(Abstract, ActAsync):
    pass


@method_decorator(reauthentication_required, name="dispatch")
class ByDjangosDecorator(Act):
    pass


class OneMethod(Act):
    @reauthentication_required
    def post(self, request: HttpRequest, **arguments: Any) -> HttpResponse:
        return act(request)


class OneMethodAsync(ActAsync):
    @method_decorator(reauthentication_required)
    async def post(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")


class Mixed(ReauthenticationRequiredMixin, Act):
    pass


class MixedPositional(ReauthenticationRequiredMixin, View):
    get = Positional.get


class MixedAsync(ReauthenticationRequiredMixin, ActAsync):
    pass


class MixedStrict(ReauthenticationRequiredMixin, Act):
    reauthentication_max_age = 60
    reauthentication_method = "passkey"
    reauthentication_second_factor = True
    reauthentication_once = True


urlpatterns = [
    *usual,
    path("act/", reauthentication_required(act)),
    path("act/<int:pk>/", reauthentication_required()(act)),
    path("act-async/", act_async),
    path("strict/", reauthentication_required(act, max_age=60)),
    path("by-passkey/", reauthentication_required(act, method="passkey")),
    path("second-factor/", reauthentication_required(act, second_factor=True)),
    path("once/", reauthentication_required(act, once=True)),
    path("consuming/", consuming),
    path("decorated/", Decorated.as_view()),
    path("decorated/<int:pk>/", Decorated.as_view()),
    re_path(r"^positional/(.)(.)/$", Positional.as_view()),
    path("decorated-async/", DecoratedAsync.as_view()),
    path("inheriting/", Inheriting.as_view()),
    path("by-djangos-decorator/", ByDjangosDecorator.as_view()),
    path("one-method/", OneMethod.as_view()),
    path("one-method-async/", OneMethodAsync.as_view()),
    path("mixed/", Mixed.as_view()),
    path("mixed/<int:pk>/", Mixed.as_view()),
    re_path(r"^mixed-positional/(.)(.)/$", MixedPositional.as_view()),
    path("mixed-async/", MixedAsync.as_view()),
    path("mixed-strict/", MixedStrict.as_view()),
]
