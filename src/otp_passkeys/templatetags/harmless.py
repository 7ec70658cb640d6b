"""Tags that fail render nothing: the page is the site's, and stands without them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import Error
from django.urls import NoReverseMatch, reverse

logger = logging.getLogger("otp_passkeys")

Tag = Callable[..., Any]


def harmless(*, everywhere: bool = False) -> Callable[[Tag], Tag]:
    """Let a tag that fails render nothing, and say so in the log (S6.13).

    An error of the database is raised. A page that looks complete must not hide that its transaction is lost.

    :param everywhere: whether the tag stands in the base template of a site. Then it is not an error that a host of
        the site has a URLconf without the app.
    """

    def decorate(tag: Tag) -> Tag:
        @wraps(tag)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return tag(*args, **kwargs)
            except Error:
                raise
            except Exception as error:
                expected = everywhere and isinstance(error, NoReverseMatch) and not _has_the_app()
                if not expected:
                    logger.exception("{%% %s %%} rendered nothing.", tag.__name__)
                return ""

        return guarded

    return decorate


def _has_the_app() -> bool:
    """Say whether the URLconf of this request has the addresses of the app."""
    try:
        reverse("otp_passkeys:list")
    except NoReverseMatch:
        return False
    return True
