"""The mails about passkeys, as the example site sends them, in a mail program that shows HTML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import accounts
from .camera import DECODED

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1"
)
NAME, SPARE = "Léa’s iPhone", "Spare key in the drawer"
LOCALE = Path(__file__).parents[2] / "src" / "otp_passkeys" / "locale"


@contextmanager
def outbox() -> Iterator[list[Any]]:
    """Keep the mails of this process in a list, so that nobody gets them."""
    import django
    from django.core import mail
    from django.test import override_settings

    backend = "django.core.mail.backends.locmem.EmailBackend"
    changed: dict[str, Any] = {"EMAIL_BACKEND": backend}
    if django.VERSION >= (6, 1):
        changed = {"MAILERS": {"default": {"BACKEND": backend}}}
    mail.outbox = []
    with override_settings(**changed):
        yield mail.outbox


def every(address: str) -> dict[str, str]:
    """Return the HTML of each mail by its name.

    :param address: the address of the site, which is the origin of the ceremonies.
    """
    with outbox() as mails:
        lea, mia, noa = (Owner(name, address) for name in ("lea", "mia", "noa"))
        lea.add(accounts.APPLE, NAME)
        lea.delete_one()
        mia.add(accounts.APPLE, upgrade=True)
        for _ in range(5):
            noa.add(accounts.YUBIKEY, SPARE)
        added, deleted, upgraded, *_, fifth = map(html_of, mails)
    return {"added": added, "deleted": deleted, "upgraded": upgraded, "fifth": fifth}


def translated(address: str) -> dict[str, str]:
    """Return the HTML of the mail about an added passkey by the name of the language.

    :param address: the address of the site, which is the origin of the ceremonies.
    """
    from django.utils import translation

    with outbox() as mails:
        codes = [translation.to_language(path.name) for path in sorted(LOCALE.iterdir())]
        names = {code: translation.get_language_info(code)["name"] for code in codes}
        languages = {"en-gb": "English", **names}
        for code in languages:
            with translation.override(code):
                Owner("lea", address).add(accounts.APPLE, NAME)
        return dict(zip(languages.values(), map(html_of, mails), strict=True))


def html_of(message: Any) -> str:
    """Return the HTML of a mail."""
    ((html, _kind),) = message.alternatives
    return str(html)


def shoot(
    browser: Any, html: str, *, scheme: str = "light", width: int = 600, scale: int = 1
) -> bytes:
    """Return what a mail program shows, as a PNG file.

    :param browser: of Playwright.
    :param scheme: ``"light"`` or ``"dark"``.
    :param width: of the window, in CSS pixels.
    :param scale: pixels of the picture for each CSS pixel.
    """
    page = browser.new_page(
        viewport={"width": width, "height": 200}, color_scheme=scheme, device_scale_factor=scale
    )
    page.set_content(html)
    page.evaluate(DECODED)
    image: bytes = page.screenshot(full_page=True)
    page.close()
    return image


class Owner:
    """Somebody whose passkeys change, by whole ceremonies on a telephone.

    :param name: the username.
    :param address: the address of the site.
    """

    def __init__(self, name: str, address: str) -> None:
        from django.contrib.auth import get_user_model

        # In another language, it is somebody else of the same name.
        get_user_model().objects.filter(username=name).delete()
        self.client = accounts.new(name)
        self.address = address
        host = address.partition("//")[2]
        self.client.defaults |= {"HTTP_HOST": host, "HTTP_USER_AGENT": IPHONE}

    def add(self, aaguid: str, nickname: str = "", *, upgrade: bool = False) -> None:
        """Add a passkey.

        :param aaguid: of its provider.
        :param upgrade: whether the browser does it by itself.
        """
        from otp_passkeys.testing import Authenticator

        kept = accounts.Kept(aaguid, synced=aaguid != accounts.YUBIKEY)
        authenticator = Authenticator(origin=self.address, **kept.kind)
        present = {"user_present": False, "user_verified": False} if upgrade else {}
        options = self._post("register-options", {"upgrade": upgrade}, 200)
        made = authenticator.create(options, **present)
        self._post("register", {"credential": made, "nickname": nickname}, 201)

    def delete_one(self) -> None:
        """Delete the newest passkey."""
        from django.urls import reverse

        from otp_passkeys.models import Passkey

        newest = Passkey.objects.latest("pk")
        self.client.post(reverse("otp_passkeys:delete", args=[newest.pk]))

    def _post(self, name: str, body: dict[str, Any], status: int) -> Any:
        from django.urls import reverse

        answer = self.client.post(
            reverse(f"otp_passkeys:{name}"),
            body,
            content_type="application/json",
            headers={"accept": "application/json"},
        )
        accounts.expect(answer, status)
        return answer.json()
