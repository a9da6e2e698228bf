"""Where the cases play: the service, the yardstick and the bare driver over one filled database."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from .client import Connection
from .floors import Floor, floor_of
from .memories import EMBEDDER
from .servers import Service
from .stores import FilledDatabase
from .words import COMMON, RARE

__all__ = ["Scene", "scene"]


@dataclass(frozen=True)
class Scene:
    database: FilledDatabase
    service: Service
    api: Connection
    """With a key."""
    person: Connection
    """With a session of the admin."""
    plain: Connection | None
    floor: Floor
    names: Mapping[str, str]
    """What `{name}` stands for in a path, and `:name` in the SQL of a floor."""

    def fresh(self, place: int) -> str:
        """The id of one of the conversations that were empty when the run began."""
        return self.database.facts.fresh[place]


@contextlib.contextmanager
def scene(database: FilledDatabase, *, plain: bool = True) -> Iterator[Scene]:
    """Servers started and clients connected; `plain` says whether the yardstick is wanted."""
    facts, key = database.facts, {"Authorization": f"Bearer {database.facts.secret}"}
    with contextlib.ExitStack() as cleanup:

        def connected(server: Service, headers: Mapping[str, str]) -> Connection:
            return cleanup.enter_context(contextlib.closing(Connection(server.port, headers)))

        service = cleanup.enter_context(Service(database, MEMORY_EMBEDDER=EMBEDDER))
        api = connected(service, key)
        person = connected(service, {"Cookie": f"sessionid={facts.session}"})
        yardstick = connected(cleanup.enter_context(Service(database, plain=True)), key) if plain else None
        names = _names(database, api)
        floor = cleanup.enter_context(contextlib.closing(floor_of(database.url, names)))
        yield Scene(database, service, api, person, yardstick, floor, names)


def _names(database: FilledDatabase, api: Connection) -> dict[str, str]:
    facts, in_large = database.facts, database.messages // 10
    return {
        "workspace": facts.workspace,
        "large": facts.large,
        "message": facts.message,
        "thread": facts.thread,
        "rare": RARE,
        "common": COMMON,
        "rare_like": f"%{RARE}%",
        "common_like": f"%{COMMON}%",
        "before_end": str(in_large - 100),
        **facts.terms,
        "cursor": _cursor_before_the_end(api, facts.large, in_large),
    }


def _cursor_before_the_end(api: Connection, conversation_id: str, messages: int) -> str:
    """The place of row 99,900 of 100,000, oldest first."""
    path = f"/api/v1/messages?conversation_id={conversation_id}&order_direction=asc&limit=100"
    return quote(api.get(f"{path}&skip={messages - 200}")["next_cursor"])
