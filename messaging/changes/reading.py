"""Reading changes so that none is skipped and none comes twice, whatever others write meanwhile.

On PostgreSQL transactions commit in another order than they number their rows. So only changes below the
oldest running transaction are read: their transactions have ended, and no further one can come between
them. SQLite has one writer at a time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.db import connections
from django.db.models import JSONField

from messaging.exceptions import ResyncNeeded
from messaging.models import Change
from messaging.models.change import STIRRING
from messaging.models.epoch import EPOCH_TABLE, epoch_in
from messaging.sql.conditions import Sql, one_of
from messaging.sql.databases import read_database
from messaging.sql.running import Row, rows_of
from messaging.sql.statements import converted
from messaging.values.position import Position

__all__ = [
    "MOST_SCANNED",
    "ChangePage",
    "current_position",
    "read_changes",
    "read_changes_for_memories",
    "read_changes_of_all",
]

MOST_SCANNED = 10_000
"""Changes that one page looks at, where a filter leaves few of them."""

FIELDS = tuple(Change._meta.concrete_fields)
COLUMNS = tuple(field.attname for field in FIELDS)

# The horizon, below which every change is known, and the highest number that any change may have.
BOUNDS = {
    "postgresql": (
        "pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0::bigint,"
        " pg_snapshot_xmax(pg_current_snapshot())::text::bigint, 9223372036854775807"
    ),
    "sqlite": "0, {newest}, 0, {newest}".format(
        newest="COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'parley_change'), 0)"
    ),
}
ENDED = {"postgresql": "xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint", "sqlite": "true"}
"""Of changes whose transactions have ended, as have all that could still come before them."""
FOR_MEMORIES = {
    vendor: f"(enable_memories IN ({true}) OR kind IN {STIRRING})"
    for vendor, true in {"postgresql": "true", "sqlite": "1"}.items()
}
"""The condition of the index `parley_change_memories`, as the database has it."""
# One statement, so that the rows and what is known of the whole are of one moment.
PAGE = """
WITH scanned AS (
  SELECT {columns} FROM parley_change
  WHERE {tenants} AND {ended} AND (xid, id) > (%s, %s) ORDER BY xid, id LIMIT %s
), page AS (
  SELECT * FROM scanned WHERE {filters} ORDER BY xid, id LIMIT %s
), latest AS (
  SELECT xid, id FROM scanned ORDER BY xid DESC, id DESC LIMIT 1
)
SELECT {page}, (SELECT COUNT(*) FROM scanned), latest.xid, latest.id,
  {epoch}.epoch, {epoch}.removed_xid, {epoch}.removed_id, {bounds}
FROM {epoch} LEFT JOIN latest ON true LEFT JOIN page ON true ORDER BY page.xid, page.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Changes in their order, and where the next page begins."""

    changes: list[Change]
    next_position: str
    """To be kept, and asked with again: at the end of the changes too."""
    has_more: bool


class _Bounds(NamedTuple):
    """What the database knows of its changes at the moment of a page."""

    scanned: int
    latest_xid: int | None
    latest_id: int | None
    drawn: str
    removed_xid: int
    removed_id: int
    horizon_xid: int
    horizon_id: int
    highest_xid: int
    highest_id: int


def read_changes(
    *,
    workspace_id: str,
    after: str | None = None,
    limit: int = 100,
    kinds: Collection[str] | None = None,
    conversation_id: str | None = None,
) -> ChangePage:
    """The changes of a workspace behind a position, at most `limit`, the oldest first.

    `after` is the position of a change as text, a page's `next_position`, or `current_position()`; None
    stands for the beginning of what is kept. `kinds` and `conversation_id` narrow: then a page may hold fewer
    than `limit` changes, or none, and yet have more. Raises InvalidPosition, and ResyncNeeded for a position
    of another epoch and for one behind which changes were removed.
    """
    using = read_database(Change)
    is_narrowed = kinds is not None or conversation_id is not None
    most = max(MOST_SCANNED, limit) if is_narrowed else limit
    filters = _narrowed(using, kinds, conversation_id)
    return _read(using, ("workspace_id = %s", [workspace_id]), filters, after, limit, most)


def read_changes_of_all(workspace_ids: Collection[str], *, after: str, limit: int = 1000) -> ChangePage:
    """The same for several workspaces at once, whose changes are in one order, too."""
    using = read_database(Change)
    text, value = one_of("workspace_id", list(workspace_ids), connections[using])
    return _read(using, (text, [value]), ("true", []), after, limit, limit)


def read_changes_for_memories(*, after: str | None, limit: int = 100) -> ChangePage:
    """The same of all workspaces, where memories are to be drawn because of a change: one index has these
    alone."""
    using = read_database(Change)
    return _read(using, (FOR_MEMORIES[connections[using].vendor], []), ("true", []), after, limit, limit)


def _read(using: str, tenants: Sql, filters: Sql, after: str | None, limit: int, most: int) -> ChangePage:
    """A page of at most `limit` changes, for which at most `most` are looked at."""
    start = Position.of(after) if after is not None else None
    position = start[1:] if start else (-1, -1)
    params = [*tenants[1], *position, most + 1, *filters[1], limit + 1]
    statement = _page(using, tenants[0], filters[0])
    rows = converted(rows_of(statement, params, using), FIELDS, using)
    bounds = _Bounds(*rows[0][len(FIELDS) :])
    epoch = epoch_in(using, bounds.drawn)
    if start:
        _require_known(start, epoch, bounds)
    changes = [_change(row, epoch, using) for row in rows if row[0] is not None]
    return _cut(changes, limit, epoch, bounds, is_cut=bounds.scanned > most)


def current_position() -> str:
    """The position behind every change that can be read now, of any workspace: for a reader that begins."""
    using = read_database(Change)
    bounds = BOUNDS[connections[using].vendor]
    [(drawn, *horizon, _, _)] = rows_of(f"SELECT epoch, {bounds} FROM {EPOCH_TABLE}", [], using)  # noqa: S608
    return str(Position(epoch_in(using, drawn), *horizon))


def _cut(changes: list[Change], limit: int, epoch: str, bounds: _Bounds, *, is_cut: bool) -> ChangePage:
    """The page that ends with its last change, else with the last that was looked at, else at the horizon.

    A reader that has come to the end moves on with the horizon, so its position grows no older than it is.
    """
    has_more = len(changes) > limit or is_cut
    if len(changes) > limit:
        changes = changes[:limit]
        position = changes[-1].position
    elif is_cut:
        position = Position(epoch, bounds.latest_xid or 0, bounds.latest_id or 0)
    else:
        position = Position(epoch, bounds.horizon_xid, bounds.horizon_id)
    return ChangePage(changes=changes, next_position=str(position), has_more=has_more)


def _require_known(start: Position, epoch: str, bounds: _Bounds) -> None:
    """Raise ResyncNeeded unless it is known which changes follow this position."""
    reason = None
    if start.epoch != epoch:
        reason = "This position is of another store, or from before a restore"
    elif start[1:] > (bounds.highest_xid, bounds.highest_id):
        reason = "This position is of changes that the store does not have"
    elif start[1:] < (bounds.removed_xid, bounds.removed_id):
        reason = "Changes behind this position were removed because of their age"
    if reason:
        raise ResyncNeeded(reason, str(Position(epoch, bounds.horizon_xid, bounds.horizon_id)))


def _change(row: Row, epoch: str, using: str) -> Change:
    change = Change.from_db(using, COLUMNS, row[: len(COLUMNS)])
    change.epoch = epoch
    return change


def _narrowed(using: str, kinds: Collection[str] | None, conversation_id: str | None) -> Sql:
    filters, values = "true", []
    if kinds is not None:
        text, value = one_of("kind", list(kinds), connections[using])
        filters, values = f"{filters} AND {text}", [value]
    if conversation_id is not None:
        filters, values = f"{filters} AND conversation_id = %s", [*values, conversation_id]
    return filters, values


@cache
def _page(using: str, tenants: str, filters: str) -> str:
    connection = connections[using]
    vendor, quote = connection.vendor, connection.ops.quote_name
    names = [quote(field.attname) for field in FIELDS]
    # The driver of PostgreSQL would parse JSON itself.
    values = ["CAST(page.{} AS text)" if isinstance(field, JSONField) else "page.{}" for field in FIELDS]
    return PAGE.format(
        columns=", ".join(names),
        page=", ".join(value.format(name) for value, name in zip(values, names, strict=True)),
        tenants=tenants,
        ended=ENDED[vendor],
        filters=filters,
        epoch=EPOCH_TABLE,
        bounds=BOUNDS[vendor],
    )
