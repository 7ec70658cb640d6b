"""Protecting views: what a request gets that does not meet a need, and how a site asks for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext

from ..exceptions import NotAuthenticated, PasskeyError, ReauthenticationRequired
from ..sign_ins import is_in_session
from .marker import consume, require
from .need import Need
from .returning import SAFE_METHODS, as_reached, leads_elsewhere, page_to_return_to

if TYPE_CHECKING:
    from django.http import HttpRequest

UNSENT = "otp_passkeys_unsent"
ADD_AGAIN = "otp_passkeys_add_again"
ADD_BUTTON = "otp-passkeys-add"
"""The ID of the button that adds a passkey, and so the fragment of the address that leads to it."""

_JSON = "application/json"

# A function, a coroutine function or a class: what is decorated keeps its type.
View = TypeVar("View", bound=Callable[..., Any])


@overload
def reauthentication_required(
    view: View,
    *,
    max_age: int | None = None,
    method: str | None = None,
    second_factor: bool = False,
    once: bool = False,
) -> View: ...


@overload
def reauthentication_required(
    *,
    max_age: int | None = None,
    method: str | None = None,
    second_factor: bool = False,
    once: bool = False,
) -> Callable[[View], View]: ...


def reauthentication_required(
    view: Any = None,
    *,
    max_age: int | None = None,
    method: str | None = None,
    second_factor: bool = False,
    once: bool = False,
) -> Any:
    """Protect a view: its user must have proved who they are, not too long ago.

    It stands before a function, sync or async, or a class-based view: ``@reauthentication_required`` or
    ``@reauthentication_required(max_age=300)``.

    :param view: the view.
    :param max_age: whole seconds, one at least; default: ``OTP_PASSKEYS_REAUTHENTICATION_MAX_AGE``. To ask before each
        action, take ``once=True``.
    :param method: ``"passkey"`` for a passkey with user verification; None for any way.
    :param second_factor: whether a user who has a second factor must have used it in this session.
    :param once: whether a request other than GET, HEAD and OPTIONS uses the proof up.
    :raises ValueError: if the age or the method is another.
    """
    need = Need(max_age=max_age, method=method, second_factor=second_factor, once=once)

    def protect(target: Any) -> Any:
        if isinstance(target, type):
            return _guarded_class(target, need)
        return _guarded(target, need, is_async=iscoroutinefunction(target))

    return protect if view is None else protect(view)


class ReauthenticationRequiredMixin:
    """Protects a class-based view; it stands first among the bases.

    The attributes are the arguments of :func:`reauthentication_required`. A wrong one is a ``ValueError`` where the
    class is written.
    """

    reauthentication_max_age: ClassVar[int | None] = None
    reauthentication_method: ClassVar[str | None] = None
    reauthentication_second_factor: ClassVar[bool] = False
    reauthentication_once: ClassVar[bool] = False

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        _check_attributes(vars(cls))

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view.

        :param initkwargs: as for any view; the attributes above are looked at.
        """
        _check_attributes(initkwargs)
        return super().as_view(**initkwargs)  # type: ignore[misc]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Run the view if the session meets the need."""
        need = Need(
            max_age=self.reauthentication_max_age,
            method=self.reauthentication_method,
            second_factor=self.reauthentication_second_factor,
            once=self.reauthentication_once,
        )
        view = super().dispatch  # type: ignore[misc]
        guarded = _guarded(view, need, is_async=self.view_is_async)  # type: ignore[attr-defined]
        return guarded(request, *args, **kwargs)


def refusal(
    request: HttpRequest, error: PasskeyError, *, as_json: bool | None = None, place: str = ""
) -> HttpResponseBase:
    """Answer a request that does not meet a need: the way to the page that asks, or 403 for a script.

    :param request: the refused request.
    :param error: :class:`NotAuthenticated` or :class:`ReauthenticationRequired`.
    :param as_json: whether a script asks; default: as the headers of the request say.
    :param place: the ID of what the user pressed, to which they come back.
    :raises PermissionDenied: if an inactive user is signed in, whom the sign-in page would send back here.
    """
    htmx = "HX-Request" in request.headers
    script = htmx or (asks_for_json(request) if as_json is None else as_json)
    page = page_to_return_to(request, script=script)
    elsewhere = leads_elsewhere(request, page)
    if isinstance(error, NotAuthenticated) and error.is_inactive and (htmx or not script):
        raise PermissionDenied(error.reason)
    signed_in = isinstance(error, ReauthenticationRequired)
    if signed_in and place and not elsewhere:
        page = f"{page or reverse('otp_passkeys:list')}#{place}"
    acts = signed_in and request.method not in SAFE_METHODS
    # Beside a token the session is nobody's, or another user's.
    if acts and not elsewhere and is_in_session(request):
        request.session[UNSENT] = page
    # A user whose session has ended is led on from there to sign in, be it on another site, and comes back as well.
    address = reverse(f"otp_passkeys:{getattr(error, 'page', 'reauthenticate')}")
    target = f"{address}?{urlencode({'next': page})}" if page else address
    response: HttpResponseBase
    if script:
        response = _for_script(request, error, as_reached(request, target))
    elif signed_in:
        response = HttpResponseRedirect(target)
    else:
        from django.contrib.auth.views import redirect_to_login  # late: it loads forms and views

        response = redirect_to_login(page or resolve_url(settings.LOGIN_REDIRECT_URL))
    patch_vary_headers(response, ("Accept", "HX-Request", "Origin"))
    # Whatever the view allows to caches: the answer names the page that asked, and is no longer true once the user has
    # confirmed.
    add_never_cache_headers(response)
    return response


def remind_of_unsent(request: HttpRequest, target: str) -> None:
    """Tell users, on the page to which they return, that what they sent from it was not done.

    :param request: the request that reauthenticated.
    :param target: where the user goes now.
    """
    if request.session.pop(UNSENT, None) != target:
        return
    # The panel says it there, also on a site that shows no messages.
    if target.endswith(f"#{ADD_BUTTON}"):
        request.session[ADD_AGAIN] = True
        return
    # Translators: Users have just confirmed who they are. What they had sent before that was not kept.
    text = gettext("Thanks, it’s you. Nothing has been changed yet: please do it again.")
    messages.info(request, text, fail_silently=True)


def take_add_again(request: HttpRequest) -> bool:
    """Say, once, whether the user has come back from confirming because they want to add a passkey.

    :param request: the request whose page shows the panel.
    """
    return bool(request.session.pop(ADD_AGAIN, False))


def asks_for_json(request: HttpRequest) -> bool:
    """Say whether a request sends JSON, or would rather have it than a page.

    :param request: the request; an ``Accept`` header that cannot be read asks for nothing.
    """
    if request.content_type == _JSON:
        return True
    try:
        return request.get_preferred_type(["text/html", _JSON]) == _JSON
    # Too long, with a parameter in an unknown encoding, or with one that is both whole and in parts
    # (RFC 2231 §3), at which Python's parser fails. The first releases of Django 5.2 raise LookupError.
    except (LookupError, ValueError, TypeError):
        return False


def _for_script(request: HttpRequest, error: PasskeyError, target: str) -> HttpResponseBase:
    body = {"detail": str(error.message), "code": error.code}
    signed_in = isinstance(error, ReauthenticationRequired)
    may_go_there = signed_in or not getattr(error, "is_inactive", False)
    return JsonResponse(
        {**body, "reauthenticate_url": target} if may_go_there else body,
        status=403 if signed_in else 401,
        headers={"HX-Redirect": target} if "HX-Request" in request.headers else None,
    )


def _check_attributes(attributes: Mapping[str, Any]) -> None:
    """Let a wrong attribute of the mixin fail where it is written; a property is asked when a request comes."""
    known: dict[str, Any] = {
        name: value
        for name in ("max_age", "method")
        if not isinstance(value := attributes.get(f"reauthentication_{name}"), property)
    }
    Need(**known)


def _guarded(view: Callable[..., Any], need: Need, *, is_async: bool) -> Callable[..., Any]:
    """Wrap a view, or the method of one, so that it runs only where the need is met."""

    def refused(args: tuple[Any, ...]) -> HttpResponseBase | None:
        # A bound or plain view gets the request first, the method of a class its instance before.
        request = next(one for one in args if hasattr(one, "META"))
        try:
            if need.once and request.method not in SAFE_METHODS:
                consume(request, need)
            else:
                require(request, need)
        except (NotAuthenticated, ReauthenticationRequired) as error:
            return refusal(request, error)
        return None

    @wraps(view)
    def guard(*args: Any, **kwargs: Any) -> Any:
        return refused(args) or view(*args, **kwargs)

    @wraps(view)
    async def aguard(*args: Any, **kwargs: Any) -> Any:
        return await sync_to_async(refused)(args) or await view(*args, **kwargs)

    return aguard if is_async else guard


def _guarded_class(target: Any, need: Need) -> Any:
    unguarded = target.dispatch

    @wraps(unguarded)
    def dispatch(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Asked of the instance: a subclass may be async where this class has no handler yet.
        guarded = _guarded(partial(unguarded, self), need, is_async=self.view_is_async)
        return guarded(*args, **kwargs)

    target.dispatch = dispatch
    return target
