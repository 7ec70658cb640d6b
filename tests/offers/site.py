"""Pages of a site with the offer, and the browsers that open them."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.urls import include, path

from otp_passkeys.offers import NOTE

from ..conftest import PASSWORD


def page(request: HttpRequest, tag: str = "{% passkey_offer %}") -> HttpResponse:
    """Render a page of the site with the tag, on the test's own templates."""
    source = "{% load otp_passkeys %}hello" + tag
    return HttpResponse(engines["django"].from_string(source).render(request=request))


urlpatterns = [
    path("", include("tests.urls")),
    path("page/", page),
    path("without/", page, {"tag": ""}),
    path("quiet/", page, {"tag": "{% passkey_offer upgrade=False %}"}),
    # The app's own pages may stand anywhere.
    path("account/", include((([path("offer/", page)]), "otp_passkeys"), namespace="mine")),
]


def with_password(user: User) -> Client:
    """Sign a user in with the password."""
    client = Client()
    assert client.login(username=user.username, password=PASSWORD)
    return client


def offered(client: Client, url: str = "/page/") -> str:
    """Return the attributes of the offer on a page; empty if there is none."""
    text = client.get(url).content.decode()
    found = re.search(r"<otp-passkey-offer ([^>]*)>", text)
    assert bool(found) == (text != "hello")
    return found.group(1) if found else ""


def change_session(client: Client, **members: Any) -> None:
    """Write into the session of a browser."""
    session = client.session
    session.update(members)
    session.save()
    client.cookies["sessionid"] = session.session_key or ""


def change_note(client: Client, **members: Any) -> None:
    """Change the note in the session of a browser."""
    change_session(client, **{NOTE: client.session[NOTE] | members})
