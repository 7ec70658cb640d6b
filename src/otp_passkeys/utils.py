"""The one official name, where sites of the ecosystem look for it."""

from .sync import request_user_details_sync

__all__ = ["request_user_details_sync"]
