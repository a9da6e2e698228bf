"""The steps of a run, derived from its messages: what it wrote, and which tools it called."""

from collections.abc import Iterable, Sequence

from messaging.sql.rows import JSONRow
from messaging.values.types import JSONObject

from .outputs import FUNCTION

CALL, ANSWER = "function_call", "function_call_output"

Shown = tuple[JSONRow, Sequence[JSONObject]]
"""A message of a run, and its items."""


def waiting_calls(messages: Iterable[Shown]) -> list[JSONObject]:
    """The calls of functions, as items, that no later message of the run answers.

    Ids of calls may repeat, never while one is open: a result answers the last call of its id.
    """
    waiting: dict[str, JSONObject] = {}
    for _, items in messages:
        for item in items:
            if item["type"] == CALL:
                waiting[item["call_id"]] = item
            elif item["type"] == ANSWER:
                waiting.pop(item.get("call_id") or "", None)
    return [*waiting.values()]


def steps_of(run: JSONRow, messages: Sequence[Shown]) -> list[JSONObject]:
    """The RunStepObjects of a run with these messages, all in their order."""
    outputs = _outputs(messages)
    return [step for row, items in messages for step in _steps(run, row, items, outputs)]


def _outputs(messages: Iterable[Shown]) -> dict[int, object]:
    """What was answered to each call, by the identity of its item."""
    waiting: dict[str, int] = {}
    outputs: dict[int, object] = {}
    for _, items in messages:
        for item in items:
            if item["type"] == CALL:
                waiting[item["call_id"]] = id(item)
            elif item["type"] == ANSWER and (called := waiting.pop(item.get("call_id") or "", None)):
                outputs[called] = item["output"]
    return outputs


def _steps(
    run: JSONRow, row: JSONRow, items: Sequence[JSONObject], outputs: dict[int, object]
) -> Iterable[JSONObject]:
    suffix = row["id"].rpartition("_")[2]
    if row["role"] == "assistant" and any(item["type"] == "message" for item in items):
        created = {"type": "message_creation", "message_creation": {"message_id": row["id"]}}
        yield _step(run, row, f"step_{suffix}", created, is_done=True)
    if calls := [item for item in items if item["type"] == CALL]:
        shown = [_call(item, outputs.get(id(item))) for item in calls]
        is_done = all(id(item) in outputs for item in calls)
        yield _step(
            run, row, f"step_{suffix}_calls", {"type": "tool_calls", "tool_calls": shown}, is_done=is_done
        )


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
