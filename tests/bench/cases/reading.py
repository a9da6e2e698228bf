"""Pages, filters and searches; their totals are part of the figures, but for the floor."""

from collections.abc import Mapping

from tests.bench.measuring import Subject
from tests.bench.scene import Scene
from tests.bench.words import COMMON, RARE, TAG

from .case import Case, get

__all__ = ["READING"]

COLUMNS = (
    "created_at, updated_at, id, conversation_id, sender_id, role, content, tool_calls, message_type, tags,"
    " checksum, attachments, parent_message_id, meta_data, sent_at, owner_id, workspace_id"
)
IN_WORKSPACE = "workspace_id = :workspace"
IN_LARGE = f"{IN_WORKSPACE} AND conversation_id = :large"
NEWEST = "ORDER BY created_at DESC, conversation_id DESC, seq DESC"
OLDEST = "ORDER BY created_at, conversation_id, seq"
EVERYTHING = {"postgresql": "true", "sqlite": "true"}
# What the tables of SQLite hold is a number of the message; see `messaging.index.postings`.
OF_SQLITE = """(conversation_id, seq) IN (
  SELECT conversation_id, message & 8388607 FROM ({candidates}) AS candidates
  CROSS JOIN parley_conversation_number ON number = message >> 23
)"""


def having(term: str) -> dict[str, str]:
    """The condition upon rows that have this term, a name of the scene; SQLite holds those of workspaces."""
    of_workspace = term.replace("in_large", "in_workspace")
    candidates = f"SELECT message FROM parley_message_term WHERE term = :{of_workspace}"
    return {
        "postgresql": f"index_terms @> ARRAY[CAST(:{term} AS bigint)]",
        "sqlite": OF_SQLITE.format(candidates=candidates),
    }


def containing(text: str, place: str) -> dict[str, str]:
    """The condition upon rows that may contain this text, within a term of all that is in this place."""
    trigrams = " AND ".join(f'"{text[at : at + 3]}"' for at in range(len(text) - 2))
    candidates = (
        f"SELECT rowid AS message FROM parley_message_text WHERE parley_message_text MATCH '{trigrams}'"
    )
    return having(place) | {"sqlite": OF_SQLITE.format(candidates=candidates)}


def page(
    name: str,
    query: str,
    plain: str,
    where: str,
    order: str = NEWEST,
    *,
    goal: float,
    having: Mapping[str, str] = EVERYTHING,
) -> Case:
    """100 messages by the list operation, by the yardstick, and by the SELECT that names just them."""

    def select(scene: Scene) -> str:
        condition = f"{where} AND {having[scene.database.vendor]}"
        return f"SELECT {COLUMNS} FROM parley_message WHERE {condition} {order} LIMIT 100"

    def service(scene: Scene) -> Subject:
        found = len(scene.floor.rows(select(scene)))
        return get(scene.api, f"/api/v1/messages?{query}&limit=100".format(**scene.names), found)

    def yardstick(scene: Scene) -> Subject:
        assert scene.plain
        path = f"/messages?{plain}&limit=100".format(**scene.names)
        return get(scene.plain, path, len(scene.floor.rows(select(scene))))

    def floor(scene: Scene) -> Subject:
        sql = select(scene)
        return Subject(lambda: lambda: scene.floor.rows(sql, prepared=having is EVERYTHING))

    return Case(
        name=name,
        group="search" if "search" in query else "list",
        service=service,
        floor=floor,
        plain=yardstick,
        goal=goal,
        times_floor=4,
        times_plain=5,
    )


def thread_page(scene: Scene) -> Subject:
    path = "/v1/threads/{thread}/messages?limit=100&include_parts=true".format(**scene.names)
    return get(scene.api, path, min(100, scene.database.messages // 100))


def plain_thread_page(scene: Scene) -> Subject:
    assert scene.plain
    path = "/thread-messages?conversation={thread}&limit=100&ordering=-created_at".format(**scene.names)
    return get(scene.plain, path, min(100, scene.database.messages // 100))


def thread_floor(scene: Scene) -> Subject:
    """Two statements: the messages, and their parts by the ids that the first found."""
    those = f"{IN_WORKSPACE} AND conversation_id = :thread {NEWEST} LIMIT 100"
    messages = f"SELECT {COLUMNS} FROM parley_message WHERE {those}"

    def read() -> None:
        ids = ", ".join(f"'{row[2]}'" for row in scene.floor.rows(messages))
        scene.floor.rows(
            f"SELECT * FROM parley_part WHERE message_id IN ({ids}) ORDER BY message_id, position"
        )

    return Subject(lambda: read)


def one(scene: Scene) -> Subject:
    return get(scene.api, "/api/v1/messages/{message}".format(**scene.names), None)


def plain_one(scene: Scene) -> Subject:
    assert scene.plain
    return get(scene.plain, "/messages/{message}".format(**scene.names), None)


def one_floor(scene: Scene) -> Subject:
    sql = f"SELECT {COLUMNS} FROM parley_message WHERE {IN_WORKSPACE} AND id = :message"
    return Subject(lambda: lambda: scene.floor.rows(sql, prepared=True))


def budget(tokens: int) -> Case:
    """The newest messages of the large conversation that a model with this window is sent."""

    def service(scene: Scene) -> Subject:
        path = f"/api/v1/conversations/{{large}}/transcript?format=openai&max_tokens={tokens}"
        return get(scene.api, path.format(**scene.names), None)

    # What fits is found in the same time; a larger window has more messages to write.
    goal = 10 if tokens == SMALL_WINDOW else None
    return Case(
        name=f"transcript of the last {tokens:,} tokens", group="transcript", service=service, goal=goal
    )


def last_messages(scene: Scene) -> Subject:
    """The newest 50 of a conversation whose messages have parts, as an agent reads them at each turn."""
    path = "/api/v1/conversations/{thread}/transcript?format=openai&last=50"
    return get(scene.api, path.format(**scene.names), None)


SMALL_WINDOW = 8_000
IN, PLAIN_IN = "conversation_id={large}", "conversation={large}"
READING = (
    page("list 100, newest page", IN, f"{PLAIN_IN}&ordering=-created_at", IN_LARGE, goal=3),
    page(
        "list 100, oldest page",
        f"{IN}&order_direction=asc",
        f"{PLAIN_IN}&ordering=created_at",
        IN_LARGE,
        OLDEST,
        goal=3,
    ),
    page(
        "list 100, by cursor at row 99,900",
        f"{IN}&order_direction=asc&cursor={{cursor}}",
        f"{PLAIN_IN}&ordering=created_at&offset={{before_end}}",
        f"{IN_LARGE} AND seq > CAST(:before_end AS bigint)",
        "ORDER BY seq",
        goal=3,
    ),
    page("list 100, newest of the workspace", "", "ordering=-created_at", IN_WORKSPACE, goal=3),
    page(
        "filter by metadata, 100 rows of the conversation",
        f"{IN}&meta_data.case=7",
        f"{PLAIN_IN}&case=7&ordering=-created_at",
        IN_LARGE,
        goal=8,
        having=having("case_in_large"),
    ),
    page(
        "filter by metadata, 100 rows",
        "meta_data.case=7",
        "case=7&ordering=-created_at",
        IN_WORKSPACE,
        goal=8,
        having=having("case_in_workspace"),
    ),
    page(
        "filter by tag, 100 rows of the conversation",
        f"{IN}&tags={TAG}",
        f"{PLAIN_IN}&tag={TAG}&ordering=-created_at",
        IN_LARGE,
        goal=8,
        having=having("tagged_in_large"),
    ),
    page(
        "filter by tag, 100 rows",
        f"tags={TAG}",
        f"tag={TAG}&ordering=-created_at",
        IN_WORKSPACE,
        goal=8,
        having=having("tagged_in_workspace"),
    ),
    page(
        "text search in the conversation, 10 hits in 100k",
        f"{IN}&search={{rare}}",
        f"{PLAIN_IN}&search={{rare}}&ordering=-created_at",
        f"{IN_LARGE} AND search_text LIKE :rare_like",
        goal=15,
        having=containing(RARE, "here_in_large"),
    ),
    page(
        "text search in the workspace, rare, top 100",
        "search={rare}",
        "search={rare}&ordering=-created_at",
        f"{IN_WORKSPACE} AND search_text LIKE :rare_like",
        goal=20,
        having=containing(RARE, "here_in_workspace"),
    ),
    page(
        "text search in the workspace, 1 % hits, top 100",
        "search={common}",
        "search={common}&ordering=-created_at",
        f"{IN_WORKSPACE} AND search_text LIKE :common_like",
        goal=60,
        having=containing(COMMON, "here_in_workspace"),
    ),
    Case(
        name="thread page of 100 with parts",
        group="thread",
        service=thread_page,
        floor=thread_floor,
        plain=plain_thread_page,
        goal=6,
        times_floor=4,
        times_plain=5,
    ),
    Case(name="transcript of the last 50 messages", group="transcript", service=last_messages, goal=10),
    budget(SMALL_WINDOW),
    budget(128_000),
    Case(name="a message by its id", group="list", service=one, floor=one_floor, plain=plain_one),
    Case(
        name="nothing: the probe /livez",
        group="nothing",
        service=lambda scene: get(scene.api, "/livez", None),
    ),
)
