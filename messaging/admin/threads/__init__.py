"""Runs, parts and stored objects in the Django admin: to be looked at. Agents write them, staff do not."""

from .objects import StoredObjectAdmin
from .parts import PartAdmin
from .runs import RunAdmin

__all__ = ["PartAdmin", "RunAdmin", "StoredObjectAdmin"]
