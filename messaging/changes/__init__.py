"""What happened, in the order of its commits: what hosts, feeds and webhooks read.

The services write a row for each write, in its transaction; this package reads them. See README.md.
"""

from messaging.values.position import Position

from .actors import Actor, acting_as, current_actor
from .kinds import kinds_named
from .lag import Holder, Lag, changes_lag
from .reading import ChangePage, current_position, read_changes
from .shapes import ChangeActor, ChangeRead, change_read

__all__ = [
    "Actor",
    "ChangeActor",
    "ChangePage",
    "ChangeRead",
    "Holder",
    "Lag",
    "Position",
    "acting_as",
    "change_read",
    "changes_lag",
    "current_actor",
    "current_position",
    "kinds_named",
    "read_changes",
]
