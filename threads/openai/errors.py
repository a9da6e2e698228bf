"""Errors as OpenAI tells them, and whether its clients, which repeat much by themselves, shall do so."""

from collections.abc import Mapping

from pydantic import BaseModel

from messaging.values.problems import Problem
from messaging.wire.dialect import ErrorFormat
from messaging.wire.errors import Refusal

INVALID = "invalid_request_error"
TYPES = {429: "rate_limit_error"}
"""The type of an error by its status; below 500 most are requests that are invalid."""
CODES = {"unauthenticated": "invalid_api_key", "rate_limited": "rate_limit_exceeded"}
"""The vendor's own codes, by ours."""
PROBLEM_CODES = {
    "missing": "missing_required_parameter",
    "extra_forbidden": "unknown_parameter",
    "json_invalid": "invalid_json",
    "string_too_long": "string_above_max_length",
    "string_too_short": "string_below_min_length",
    "too_short": "array_below_min_length",
    "duplicate": "duplicate_item",
}
"""The same by the type of a problem."""
UNCERTAIN = "commit_unconfirmed"
"""The one refusal with a time to come back at which must not be repeated as it is."""
MOST_TOLD = 3


class Error(BaseModel):
    """Why a request was not carried out."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorResponse(BaseModel):
    """An error, as the vendor's clients read it."""

    error: Error


def _body(refusal: Refusal) -> object:
    problems = [*refusal.problems]
    kind = "server_error" if refusal.status >= 500 else TYPES.get(refusal.status, INVALID)
    if not problems:
        code = CODES.get(refusal.code, refusal.code)
        return {"error": {"message": refusal.detail, "type": kind, "param": None, "code": code}}
    told = "; ".join(map(_told, problems[:MOST_TOLD]))
    further = len(problems[MOST_TOLD:]) + sum(problem.get("more", 0) for problem in problems[-1:])
    message = f"{told}; and {further} more" if further else told
    first = problems[0]
    return {"error": {"message": message, "type": kind, "param": _param(first), "code": _code(first)}}


def _told(problem: Problem) -> str:
    param, hint = _param(problem), problem.get("hint")
    text = f"{problem['msg']}: {hint}" if hint else str(problem["msg"])
    return f"Invalid '{param}': {text}" if param else text


def _param(problem: Problem) -> str | None:
    """Where the value stands, such as `items[0].role`; None for the body itself."""
    path = ""
    for step in problem["loc"][1:]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("["):  # `[key]`: of a key rather than its value; or one of several shapes
            path += f".{step}" if path else step
    return None if problem["type"] == "json_invalid" else path or None


def _code(problem: Problem) -> str:
    kind = problem["type"]
    if kind == "too_long":
        is_object = isinstance(problem.get("input"), dict) or problem["loc"][-1] == "metadata"
        return "object_above_max_properties" if is_object else "array_above_max_length"
    return PROBLEM_CODES.get(kind, "invalid_type" if kind.endswith("_type") else "invalid_value")


def _headers(refusal: Refusal) -> Mapping[str, str]:
    """The vendor's clients repeat a request at 408, 409, 429 and from 500 on, unless they are told."""
    may_help = "Retry-After" in refusal.headers and refusal.code != UNCERTAIN
    return {"x-should-retry": "true" if may_help or refusal.status == 408 else "false"}


# The vendor has no 422, and its clients repeat a 409, which no repetition would mend.
OPENAI_ERRORS = ErrorFormat(ErrorResponse, _body, {422: 400, 409: 400}, headers=_headers)
