"""The key `hint` of a refused value: the mistake that the caller has probably made."""

from collections.abc import Callable, Collection, Sequence

from messaging.values.problems import Problem

from .ignored import Ignored
from .names import nearest

Explain = Callable[[Problem, object], str | None]
"""What a body says of one problem of it, given the body as it was sent."""

NO_JSON = (
    "Keys and texts of JSON stand in double quotes, and nothing else stands in front of or behind the object"
)
ENCODED_TWICE = "The body is a text that holds JSON: encode it once"


def with_hints(
    problems: Sequence[Problem],
    ignored: Sequence[Ignored] = (),
    explain: Explain | None = None,
    body: object = None,
    content_type: str = "",
) -> list[Problem]:
    """The problems, each with a hint where its cause can be told."""
    made = (
        (
            each,
            _of_the_whole(each, content_type)
            or (explain and explain(each, body))
            or _misspelt(each, ignored),
        )
        for each in problems
    )
    return [{**each, "hint": hint} if hint else each for each, hint in made]


def _of_the_whole(problem: Problem, content_type: str) -> str | None:
    """Where the body is no object at all, why."""
    kind, value = problem["type"], problem.get("input")
    if kind == "json_invalid":
        return NO_JSON
    # What is wrong with a text, where an operation takes text/plain, tells its own cause.
    if tuple(problem["loc"]) != ("body",) or kind.startswith("string_"):
        return None
    if isinstance(value, bytes):
        came = f"as `{content_type}`" if content_type else "without a Content-Type"
        return f"The body came {came}: send `Content-Type: application/json`"
    return ENCODED_TWICE if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else None


def _misspelt(problem: Problem, ignored: Collection[Ignored]) -> str | None:
    """For a key that is missing: the unknown key next to it that may be meant."""
    if problem["type"] != "missing":
        return None
    *above, wanted = problem["loc"]
    # In the location of a problem stand also the names of the models that a union has tried.
    for each in ignored:
        is_next = all(step in above for step in each.loc[:-1])
        if is_next and nearest(each.name, {str(wanted)}):
            return f"`{each.name}` is not known here; did you mean `{wanted}`?"
    return None
