"""Reading the table of another package, some users at a time.

Users are fetched in pages by their key, not with a cursor that is kept open: each user is one transaction, some
databases would end the cursor with it, and others would read the whole table into memory first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, ClassVar

from django.apps import apps
from django.db import models, router

from .records import Left, Owned, Record, Unreadable

USERS_AT_ONCE = 1000
# What reading a row of a foreign shape raises: a member that is missing, or of another type.
_OF_FOREIGN_SHAPE = (AttributeError, LookupError, TypeError, ValueError)


class TableSource(ABC):
    """A package that keeps passkeys in the database of this site.

    :param rp_id: the RP ID that the site's staff named, if they did.
    """

    name: ClassVar[str]
    """What the command calls it: the name of the distribution."""
    app: ClassVar[str]
    """The name of its module in ``INSTALLED_APPS``."""
    keeps_rp_id: ClassVar[bool] = False
    """Whether its rows say for which RP ID they were made."""
    owner: ClassVar[str] = "user_id"
    """The column that says whose a row is."""

    def __init__(self, rp_id: str | None = None) -> None:
        self.rp_id = rp_id or self.own_rp_id()

    @abstractmethod
    def own_rp_id(self) -> str | None:
        """Return the RP ID of the package's own settings, or None if they do not name one."""

    @abstractmethod
    def model(self) -> Any:
        """Return the model whose rows are passkeys."""

    def rows(self) -> Any:
        """Return the rows that are passkeys, users joined, from the database that writes go to."""
        model = self.model()
        rows = model._base_manager.using(router.db_for_write(model))
        return rows.select_related("user") if self.owner == "user_id" else rows.all()

    @abstractmethod
    def credential_id(self, row: Any) -> bytes:
        """Return the credential ID of a row.

        :raises Unreadable: if it has none.
        """

    @abstractmethod
    def handles(self, row: Any, user: Any) -> tuple[bytes, ...]:
        """Return the user handle that a row's authenticator keeps, or those that it may be.

        :raises Unreadable: if none can be known.
        """

    @abstractmethod
    def read(self, row: Any, common: dict[str, Any]) -> Record:
        """Return what a row says.

        :param common: the members ``row`` and ``handles`` of the record.
        :raises Unreadable: if it cannot be taken.
        """

    def users(self, rows: Iterable[Any]) -> dict[Any, Any]:
        """Return the users of rows by the value of :attr:`owner`; one who is missing is left out."""
        return {row.user_id: row.user for row in rows}

    def only(self, users: Iterable[Any]) -> dict[str, Any]:
        """Return the filter for the rows of some users."""
        return {f"{self.owner}__in": [user.pk for user in users]}

    def owned(self, users: Iterable[Any] | None = None) -> Iterator[Owned]:
        """Yield what the package has, user by user.

        :param users: whose rows to read; None for all.
        """
        rows = self.rows() if users is None else self.rows().filter(**self.only(users))
        for page in pages(rows, self.owner):
            yield from self._owned(sorted(page, key=self._place))

    def newest(self, most: int) -> Iterator[bytes]:
        """Yield the credential IDs of the rows that were added last, where they can be read.

        :param most: how many rows to look at.
        """
        for row in self.rows().order_by("-pk")[:most]:
            try:
                yield self.credential_id(row)
            except (Unreadable, *_OF_FOREIGN_SHAPE):
                continue

    def _place(self, row: Any) -> tuple[Any, Any]:
        return getattr(row, self.owner), row.pk

    def _owned(self, rows: list[Any]) -> Iterator[Owned]:
        users = self.users(rows)
        for owner, group in groupby(rows, key=lambda row: getattr(row, self.owner)):
            user = users.get(owner)
            if user is None:
                missing = [Left(row=_label(row), reason="there is no such user") for row in group]
                yield Owned(user=None, name=str(owner), left=tuple(missing))
                continue
            read = [self._read(row, user) for row in group]
            yield Owned(
                user=user,
                name=str(user.get_username()),
                records=tuple(one for one in read if isinstance(one, Record)),
                left=tuple(one for one in read if isinstance(one, Left)),
            )

    def _read(self, row: Any, user: Any) -> Record | Left:
        handles: tuple[bytes, ...] = ()
        try:
            handles = self.handles(row, user)
            return self.read(row, {"row": _label(row), "handles": handles})
        except Unreadable as error:
            left = error
        except _OF_FOREIGN_SHAPE as error:
            left = Unreadable(f"the row has a foreign shape ({type(error).__name__})")
        return Left(row=_label(row), reason=left.reason, handles=handles, is_listed=left.is_listed)


def pages(rows: models.QuerySet[models.Model], owner: str) -> Iterator[list[Any]]:
    """Yield rows some users at a time, in the order of the users.

    :param rows: the rows.
    :param owner: the column that says whose a row is.
    """
    page = rows
    while owners := list(
        page.order_by(owner).values_list(owner, flat=True).distinct()[:USERS_AT_ONCE]
    ):
        yield list(rows.filter(**{f"{owner}__in": owners}))
        page = rows.filter(**{f"{owner}__gt": owners[-1]})


def foreign_model(label: str, name: str) -> Any:
    """Return a model of another package: where that is not installed, a type checker cannot find it by its name.

    :param label: of its app.
    :param name: of the model.
    """
    return apps.get_model(label, name)


def _label(row: models.Model) -> str:
    return f"{row._meta.object_name} {row.pk}"
