"""What may be in a nickname, and the form that asks for one."""

from __future__ import annotations

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .exceptions import InvalidNickname
from .models import NICKNAME_MAX_LENGTH

# Control, surrogate (databases refuse them), private use, line and paragraph separators. Unassigned ones are let
# through: an emoji that is newer than this Python is one of them.
_REFUSED_CATEGORIES = {"Cc", "Cs", "Co", "Zl", "Zp"}
# Embeddings, overrides and isolates turn the text around them; tag characters are invisible messages.
_REFUSED_CHARACTERS = set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufff9\ufffa\ufffb\ufeff"
) | {chr(number) for number in range(0xE0000, 0xE0080)}
_INVISIBLE_CATEGORIES = {"Cf", "Mn", "Me", "Zs"}  # alone they show nothing
_BLANK_LETTERS = set("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")  # drawn as nothing

# Translators: Of the name of a passkey. An emoji may be made of several characters.
_TOO_LONG = _("This name is too long. Use at most 64 characters; some emoji count as several.")
_INVISIBLE = _("This name can’t be seen. Use at least one letter, number or symbol.")
_REFUSED = _(
    # Translators: Of the name of a passkey.
    "This name has characters that can’t be used, such as line breaks or signs that turn the direction of text."
)


def clean_nickname(value: object) -> str:
    """Return a nickname in normal form C without blanks at its ends; it may be empty.

    :param value: what the user typed, or whatever a script sent.
    :raises ValidationError: with code ``invalid_nickname`` if it is longer than 64 characters, holds control or
        direction-changing characters, or nothing that can be seen.
    """
    # Bounded first: normalising megabytes is work for nothing, and no normal form is that much shorter.
    if not isinstance(value, str) or len(value) > 10 * NICKNAME_MAX_LENGTH:
        raise _invalid(_TOO_LONG)
    nickname = unicodedata.normalize("NFC", value).strip()
    visible = any(
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES
        and character not in _BLANK_LETTERS
        for character in nickname
    )
    if nickname and not visible:
        raise _invalid(_INVISIBLE)
    if len(nickname) > NICKNAME_MAX_LENGTH:
        raise _invalid(_TOO_LONG)
    if any(map(_is_refused, nickname)):
        raise _invalid(_REFUSED)
    return nickname


def nearest_nickname(value: str) -> str:
    """Return what can be kept of a name that another program accepted; it may be empty.

    Characters that are refused become blanks, and what is too long is cut: the user still knows the passkey by it.

    :param value: the name.
    """
    cleaned = "".join(
        " " if _is_refused(character) else character
        for character in value[: 10 * NICKNAME_MAX_LENGTH]
    )
    short = unicodedata.normalize("NFC", " ".join(cleaned.split()))[:NICKNAME_MAX_LENGTH]
    try:
        return clean_nickname(short)
    except ValidationError:  # nothing that can be seen
        return ""


def _is_refused(character: str) -> bool:
    return (
        unicodedata.category(character) in _REFUSED_CATEGORIES or character in _REFUSED_CHARACTERS
    )


def _invalid(why: Promise) -> ValidationError:
    return ValidationError(str(why), code=InvalidNickname.code)


class NicknameForm(forms.Form):
    """Renames a passkey; an empty nickname brings the provider's name back (S1.9)."""

    nickname = forms.CharField(
        # Translators: The label of a field: the name that the user gives a passkey.
        label=pgettext_lazy("passkeys", "Name"),
        required=False,
        strip=False,  # clean_nickname() strips, after normalising
        # No maxlength: browsers count an emoji as two, and cut off what is pasted without a word.
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_nickname(self) -> str:
        """Return the nickname as it is stored."""
        return clean_nickname(self.cleaned_data["nickname"])
