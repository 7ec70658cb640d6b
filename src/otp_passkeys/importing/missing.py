"""Whether another package has passkeys that are not here."""

from __future__ import annotations

from ..encoding import short_key
from ..models import ImportedCredential, Passkey
from .stored import using
from .tables import TableSource

# A site that never imported lacks all of them, and one that did lacks the newest; all rows would take minutes.
_NEWEST = 100


def lacks(source: TableSource) -> bool:
    """Say whether one of the passkeys that a package made last is missing here, and was never imported.

    :param source: the package.
    :raises DatabaseError: if its table or ours is not there.
    """
    keys = {short_key(credential_id) for credential_id in source.newest(_NEWEST)}
    for model, column in ((ImportedCredential, "pk"), (Passkey, "credential_key")):
        rows = model._base_manager.using(using()).filter(**{f"{column}__in": keys})
        keys -= set(rows.values_list(column, flat=True))
    return bool(keys)
