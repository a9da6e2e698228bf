"""Query strings: how many parameters, how long, and how many conditions they may make."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client import ApiClient

MESSAGES = "/api/v1/messages"


def asked(api: ApiClient, path: str, *parameters: tuple[str, str]) -> Any:
    return api.get(f"{path}?{urlencode(parameters)}")


def problem_of(response: Any) -> dict[str, Any]:
    assert response.status_code == 422, response.content
    [problem] = response.json()["detail"]
    return dict(problem)


@pytest.mark.parametrize("path", [MESSAGES, "/api/v1/conversations", "/v1/threads", "/api/v1/changes"])
def test_a_hundred_parameters_and_no_more(api: ApiClient, path: str):
    few = [(f"a{number}", "x") for number in range(100)]
    assert asked(api, path, *few).status_code == 200
    problem = problem_of(asked(api, path, *few, ("limit", "1")))
    assert (problem["type"], problem["loc"]) == ("too_long", ["query"])
    assert problem_of(asked(api, path, *[("limit", "1")] * 101))["loc"] == ["query"]


@pytest.mark.parametrize("name", ["sender_id", "tags", "cursor", "meta_data.x", "unknown"])
def test_a_parameter_has_a_length(api: ApiClient, name: str):
    problem = problem_of(asked(api, MESSAGES, (name, "x" * 10_001)))
    assert (problem["loc"], "10,000" in problem["msg"]) == (["query", name], True)


def test_a_thousand_letters_of_any_script_may_be_searched_for(api: ApiClient):
    assert asked(api, MESSAGES, ("search", "\u6587" * 1_000)).status_code == 200
    assert asked(api, MESSAGES, ("search", "\u6587" * 1_001)).status_code == 422


@pytest.mark.parametrize("mode", ["any", "all"])
def test_tags_have_a_number(api: ApiClient, mode: str):
    tags = ",".join(f"t{number}" for number in range(100))
    assert asked(api, MESSAGES, ("tags", tags), ("tags_mode", mode)).status_code == 200
    problem = problem_of(asked(api, MESSAGES, ("tags", f"{tags},more"), ("tags_mode", mode)))
    assert (problem["loc"], problem["type"]) == (["query", "tags"], "too_long")


@pytest.mark.parametrize("path", [MESSAGES, "/v1/threads"])
def test_keys_of_meta_data_have_a_number(api: ApiClient, path: str):
    pairs = [(f"meta_data.k{number}", "x") for number in range(20)]
    assert asked(api, path, *pairs).status_code == 200
    problem = problem_of(asked(api, path, *pairs, ("meta_data.more", "x")))
    assert problem["loc"][0] == "query"
    assert "20 keys" in problem["msg"]
