"""The steps of a run, derived from its messages: what it wrote, and which tools it called.

Messages and steps come the newest first here, and one by one: results are known before their calls, and
nobody holds more of a run than is answered.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from messaging.exceptions import StepNotFound
from messaging.sql.rows import JSONRow
from messaging.values.json import encode
from messaging.values.types import JSONObject
from threads.openai.pages import TwoWayListQuery

from .outputs import FUNCTION

CALL, ANSWER = "function_call", "function_call_output"

Shown = tuple[JSONRow, Sequence[JSONObject]]
"""A message of a run, and its items."""


def waiting_calls(messages: Iterable[Shown]) -> list[JSONObject]:
    """The calls of functions, as items in their order, that no later message of the run answers.

    Ids of calls may repeat, never while one is open: a result answers the last call of its id.
    """
    waiting: dict[str, JSONObject] = {}
    answered: set[str] = set()
    for item in (item for _, items in messages for item in reversed(items)):
        if item["type"] == ANSWER:
            answered.add(item.get("call_id") or "")
        elif item["type"] == CALL and item["call_id"] in answered:
            answered.remove(item["call_id"])
        elif item["type"] == CALL:
            waiting.setdefault(item["call_id"], item)
    return [*waiting.values()][::-1]


def steps_of(run: JSONRow, messages: Iterable[Shown]) -> Iterator[JSONObject]:
    """The RunStepObjects of a run with these messages."""
    outputs: dict[str, object] = {}
    for row, items in messages:
        calls: list[JSONObject] = []
        is_done = True
        for item in reversed(items):
            if item["type"] == ANSWER:
                outputs[item.get("call_id") or ""] = item["output"]
            elif item["type"] == CALL:
                is_done = is_done and item["call_id"] in outputs
                calls.append(_call(item, outputs.pop(item["call_id"], None)))
        suffix = row["id"].rpartition("_")[2]
        if calls:
            called = {"type": "tool_calls", "tool_calls": calls[::-1]}
            yield _step(run, row, f"step_{suffix}_calls", called, is_done=is_done)
        if row["role"] == "assistant" and any(item["type"] == "message" for item in items):
            created = {"type": "message_creation", "message_creation": {"message_id": row["id"]}}
            yield _step(run, row, f"step_{suffix}", created, is_done=True)


def page_of_steps(
    steps: Iterable[JSONObject], query: TwoWayListQuery, most_bytes: int
) -> tuple[list[JSONObject], bool]:
    """(the steps that a query asks for, in its order, as many as an answer of so many bytes holds and one at
    least; whether there are more). Raises StepNotFound for an end that is none of the steps."""
    ends = (query.after, query.before)
    between = _between(steps, *(ends if query.is_descending else ends[::-1]))
    is_backward = bool(query.before and not query.after)
    is_newest = query.is_descending is not is_backward
    kept: deque[tuple[JSONObject, int]] = deque()
    size, has_more = 0, False
    for step in between:
        kept.append((step, len(encode(step))))
        size += kept[-1][1]
        while len(kept) > query.limit or (size > most_bytes and len(kept) > 1):
            has_more = True
            size -= (kept.pop if is_newest else kept.popleft)()[1]
        if has_more and is_newest:
            break
    page = [step for step, _ in kept]
    return page if query.is_descending else page[::-1], has_more


def _between(steps: Iterable[JSONObject], newer: str | None, older: str | None) -> Iterator[JSONObject]:
    """Those behind the step of one id and in front of that of the other. Raises StepNotFound."""
    missing = {newer, older} - {None}
    for step in steps:
        is_between = newer not in missing and (older is None or older in missing)
        missing.discard(step["id"])
        if is_between and step["id"] != older:
            yield step
        if older and not missing:
            return
    if missing:
        raise StepNotFound


def _call(item: JSONObject, output: object) -> JSONObject:
    function = {name: item[name] for name in FUNCTION} | {"output": output}
    return {"id": item["call_id"], "type": "function", "function": function}


def _step(run: JSONRow, row: JSONRow, step_id: str, details: JSONObject, *, is_done: bool) -> JSONObject:
    return {
        "id": step_id,
        "object": "thread.run.step",
        "created_at": row["created_at"],
        "run_id": run["id"],
        "assistant_id": run["agent_id"],
        "thread_id": run["conversation_id"],
        "type": details["type"],
        "status": "completed" if is_done else "in_progress",
        "cancelled_at": None,
        "completed_at": row["created_at"] if is_done else None,
        "expired_at": None,
        "failed_at": None,
        "last_error": None,
        "step_details": details,
        "usage": None,
        "metadata": {},
    }
