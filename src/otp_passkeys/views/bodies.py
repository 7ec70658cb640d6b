"""What a request may bring: how much, in which encoding, and as a form or JSON; read in one place for all views."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, RawPostDataException, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from ..encoding import from_json
from ..exceptions import MalformedRequest, TooLarge, UnsupportedMediaType

# In bytes. The largest answers of browsers, with a long attestation, are below 16 kB.
MAX_BODY = 64 * 1024
JSON = "application/json"
_MULTIPART = "multipart/form-data"
_FORMS = {"", "application/x-www-form-urlencoded", _MULTIPART}


def require_readable(request: HttpRequest) -> None:
    """Judge a body before anything reads it. If it is a form and is let through, Django has read its fields.

    GET and HEAD have no body, so what they say about one is ignored.

    :param request: the request, of which nothing has been read yet.
    :raises TooLarge: if its length is over :data:`MAX_BODY`, which is seen without reading it where it is announced.
    :raises UnsupportedMediaType: if it is in another encoding than UTF-8.
    :raises MalformedRequest: if Django cannot read it.
    """
    if request.method not in {"GET", "HEAD"}:
        _require_length(request)
        _require_utf_8(request)
    # It is the encoding of the query as well; raw_unicode_escape, say, makes text of it that no answer can repeat.
    if request.encoding and request.encoding.lower() != "utf-8":
        request.encoding = "utf-8"
    if request.method == "POST":
        with _refusing():
            # A body in chunks is measured: ASGI servers pass on the whole of it, WSGI servers nothing.
            if not request.META.get("CONTENT_LENGTH") and len(request.body) > MAX_BODY:
                raise TooLarge("body too large")
            request.POST  # noqa: B018 - what Django cannot read is refused here


def read(request: HttpRequest, *judged_later: str) -> Mapping[str, Any]:
    """Return the members of a body, whether it is a form or JSON.

    Text that UTF-8 cannot encode, such as half of a surrogate pair, is refused here: databases, password hashers and
    pages fail on it.

    :param request: the request.
    :param judged_later: members that may hold such text, because their reader has a rule for it.
    :raises TooLarge, UnsupportedMediaType, MalformedRequest: as :func:`require_readable` does; also if the body is
        neither a form nor JSON, if the JSON is not an object, or if it holds such text.
    """
    require_readable(request)  # for views that go on without a body
    if request.content_type == JSON:
        with _refusing():
            body = load(request.body)
        if not isinstance(body, dict):
            raise MalformedRequest("JSON body is not an object")
    elif request.content_type in _FORMS:
        body = request.POST.dict()
    else:
        raise UnsupportedMediaType("body is neither a form nor JSON")
    _require_encodable({name: body[name] for name in body if name not in judged_later})
    return cast("dict[str, Any]", body)


def text(body: Mapping[str, Any], name: str) -> str:
    """Return an optional text member of a body.

    :param body: from :func:`read`.
    :param name: e.g. ``"nickname"``.
    :raises MalformedRequest: if it is there and no text.
    """
    value = body.get(name, "")
    if not isinstance(value, str):
        raise MalformedRequest(f"{name} is not text")
    return value


def load(data: bytes) -> Any:
    """Parse JSON, which is in UTF-8 (RFC 8259 §8.1).

    :param data: a body, or a field of a form.
    :raises MalformedRequest: if it is anything else.
    """
    try:
        return from_json(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("not JSON") from error


def _require_length(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > len(str(MAX_BODY)) or int(length) > MAX_BODY:
        raise TooLarge("body too large")


def _require_utf_8(request: HttpRequest) -> None:
    charset = (request.content_params or {}).get("charset")
    if charset is None:
        return
    try:
        is_utf_8 = codecs.lookup(charset).name == "utf-8"
    except LookupError:
        # JSON has no such parameter (RFC 8259 §11), so an unknown name is ignored there.
        is_utf_8 = request.content_type == JSON
    if not is_utf_8:
        raise UnsupportedMediaType("body is not in UTF-8")


def _require_encodable(members: Mapping[str, Any]) -> None:
    try:
        json.dumps(members, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("body holds text that cannot be encoded") from error


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn Django's errors into refusals."""
    try:
        yield
    except RequestDataTooBig as error:  # the site's own limit is lower than ours
        raise TooLarge("body too large for the site") from error
    except (
        LookupError,  # of an encoding that a part names, in the first releases of Django 5.2
        MultiPartParserError,
        RawPostDataException,  # a middleware has read it as a stream
        SuspiciousOperation,
        TypeError,  # of Python's parser, where a name in a part is both whole and in pieces (RFC 2231 §3)
        UnreadablePostError,
    ) as error:
        raise MalformedRequest("body cannot be read") from error
