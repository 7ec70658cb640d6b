"""The site's Content Security Policy, for every version of Django; from 6.0 on Django brings its own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# The last two are not covered by the first: HTML that somebody puts into a page could lead its forms elsewhere.
POLICY = "default-src 'self'; base-uri 'self'; form-action 'self'"


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return a middleware that allows what comes from this site and nothing else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Not assigned: the provider icons bring a stricter policy of their own.
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware
