"""The form of a passkey's page in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .. import safeguards
from ..actions.managing import locked
from ..models import Passkey
from ..nicknames import clean_nickname

EVEN_THE_ONLY_WAY_IN = "even_the_only_way_in"


def asks_twice(passkey: Passkey) -> bool:
    """Say whether the page has a second box. Form and page both ask, so the answer is kept on the passkey.

    :param passkey: the passkey of the page.
    """
    known = vars(passkey)
    if EVEN_THE_ONLY_WAY_IN not in known:
        known[EVEN_THE_ONLY_WAY_IN] = _is_stored_only_way_in(passkey)
    return bool(known[EVEN_THE_ONLY_WAY_IN])


class PasskeyAdminForm(forms.ModelForm):  # type: ignore[type-arg]
    """Takes the nicknames that the user may give, and switches the only way in off only if asked to twice."""

    even_the_only_way_in = forms.BooleanField(
        required=False,
        # Translators: A box in the admin, beneath the box “Switched on” of a passkey.
        label=_("Switch off the only way in"),
        help_text=_(
            # Translators: In the admin, of a passkey. “It” is the passkey.
            "Without this passkey its owner can’t sign in. Tick this box as well if you switch it off all the same."
        ),
    )

    class Meta:
        model = Passkey
        fields = ("nickname", "confirmed")
        labels = {
            "user": pgettext_lazy("passkeys", "owner"),
            # Translators: The name that a user gives a passkey.
            "nickname": pgettext_lazy("passkeys", "Nickname"),
            # Translators: Of a passkey, in the admin: it may be used. The opposite of “Switched off”.
            "confirmed": pgettext_lazy("passkeys", "Switched on"),
        }
        help_texts = {
            "nickname": _(
                "The name that its owner gave it. If it is empty, the provider’s name is shown."
            ),
            "confirmed": _(
                # Translators: In the admin, of the box “Switched on” of a passkey.
                "While it is switched off, the passkey signs nobody in. Its owner still sees it, and it can be"
                " switched on again."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the second box out where it has nothing to ask."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or not asks_twice(self.instance):
            self.fields.pop(EVEN_THE_ONLY_WAY_IN, None)

    def clean_nickname(self) -> str:
        """Return the nickname as it is stored."""
        return clean_nickname(self.cleaned_data["nickname"])

    def clean(self) -> dict[str, Any] | None:
        """Refuse to switch off the only way in, unless the second box is ticked too."""
        cleaned = super().clean()
        turns_off = "confirmed" in self.changed_data and not self.cleaned_data.get("confirmed")
        if turns_off and not self.cleaned_data.get(EVEN_THE_ONLY_WAY_IN):
            locked(self.instance.user)
            if _is_stored_only_way_in(self.instance):
                text = gettext("This is the only way in for its owner. Tick the box below as well.")
                self.add_error("confirmed", text)
        return cleaned


def _is_stored_only_way_in(passkey: Passkey) -> bool:
    """Say whether a passkey, which a form may have changed, is stored as switched on and its owner's only way in."""
    rows = Passkey.objects.rows_of(passkey.user)
    stored = next((one for one in rows if one.pk == passkey.pk and one.confirmed), None)
    return stored is not None and safeguards.is_only_way_in(stored.user, stored, passkeys=rows)
