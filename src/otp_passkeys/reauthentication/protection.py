"""Protecting a view: a decorator and a mixin, which run it only if the session meets a need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from asgiref.sync import iscoroutinefunction, sync_to_async

from ..exceptions import NotAuthenticated, ReauthenticationRequired
from .marker import consume, require
from .need import Need
from .refusing import refusal
from .returning import SAFE_METHODS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

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
