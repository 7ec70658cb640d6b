"""How each package is driven: by its own views, as its own pages call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.test import Client

AAGUIDS = (
    "bada5566-a7aa-401f-bd96-45619a55120d",
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
    "d548826e-79b4-db40-a3d8-11116f7e8349",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
)


class Site:
    """A site with one package.

    Each request is a method, so that what is measured is the request and not how its answer is read.
    """

    list_page: str | None = None  # the path of the list of passkeys
    json_list: dict[str, Any] | None = None  # what `Client.get` takes for the list as JSON
    sends_mails = False  # whether a registration sends a mail, without a setting
    has_tag = False  # whether its pages carry a tag that keeps password managers in step
    wants_sync = (
        False  # whether a sign-in is to ask for a sync, where a package leaves that to the site
    )

    def ask_to_register(self, client: Client) -> Any:
        """Ask for the options of a registration."""
        raise NotImplementedError

    def register(self, client: Client, made: dict[str, Any]) -> Any:
        """Send what an authenticator made."""
        raise NotImplementedError

    def ask_to_sign_in(self, client: Client) -> Any:
        """Ask for the options of a sign-in."""
        raise NotImplementedError

    def sign_in(self, client: Client, assertion: dict[str, Any]) -> Any:
        """Send what an authenticator signed."""
        raise NotImplementedError

    def options(self, response: Any) -> dict[str, Any]:
        """Return the options in an answer."""
        found: dict[str, Any] = response.json()
        options: dict[str, Any] = found.get("publicKey", found)
        return options

    def sync(self, client: Client, send: Callable[[Callable[[], Any]], Any]) -> None:
        """Do what the script of the tag does: nothing, where the page has all that it needs.

        :param send: makes a request, and returns the answer.
        """

    def copy(self, owners: Sequence[User]) -> None:
        """Store a passkey for each owner, like the newest that was registered."""
        raise NotImplementedError

    def models(self) -> list[type[models.Model]]:
        """Return what keeps rows for each passkey or its user."""
        raise NotImplementedError


def post(client: Client, path: str, body: Any) -> Any:
    """Send JSON as a page does."""
    headers = {"Origin": "https://testserver", "Accept": "application/json"}
    return client.post(
        path, json.dumps(body), content_type="application/json", secure=True, headers=headers
    )


def site(package: str) -> Site:
    """Return the site of a package.

    :param package: such as "this app"; a release may follow it.
    """
    name = package.partition("==")[0].replace("-", "_").replace(" ", "_")
    made: Site = import_module(f"{__name__}.{name}").SITE
    return made
