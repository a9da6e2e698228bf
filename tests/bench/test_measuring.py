"""How calls are timed and counted; no test here says how long anything takes."""

import pytest

from tests.bench.client import Answer, Failed, request_bytes, split_answer
from tests.bench.measuring import Effort, Sample, Subject, measure
from tests.bench.open_loop import Outcome

EFFORT = Effort(calls=4, least=2, seconds=60.0, warm_up=1, turn=3)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"


def test_subjects_take_turns():
    order: list[str] = []

    def subject(name: str) -> Subject:
        return Subject(lambda: lambda: order.append(name))

    subjects = {name: subject(name) for name in ("a", "b")}
    samples = measure(subjects, {"a": EFFORT, "b": EFFORT})
    assert order == ["a", "b", *("a" * 3), *("b" * 3), "a", "b"]
    assert [len(sample.durations) for sample in samples.values()] == [4, 4]
    assert samples["a"].warm_ups == 1


def test_a_slow_subject_is_called_less_often():
    slow = Effort(calls=100, least=3, seconds=0.0, warm_up=0)
    samples = measure({"slow": Subject(lambda: lambda: None)}, {"slow": slow})
    assert len(samples["slow"].durations) == 3


def test_every_outcome_is_checked():
    def check(outcome: int) -> None:
        raise Failed(f"{outcome}")

    with pytest.raises(Failed, match="7"):
        measure({"a": Subject(lambda: lambda: 7, check)}, {"a": EFFORT})


def test_percentiles_are_durations_that_were_measured():
    sample = Sample([float(number) for number in range(100, 0, -1)])
    assert (sample.percentile(99), sample.percentile(100), sample.median) == (99.0, 100.0, 50.5)


@pytest.mark.parametrize("received", [HEAD[:-2], HEAD, HEAD + b"123"])
def test_half_an_answer_is_none(received):
    assert split_answer(received) is None


def test_a_whole_answer():
    answer = split_answer(HEAD + b"true")
    assert answer and (answer.status, answer.json()) == (200, True)
    with pytest.raises(Failed, match="200 instead of 201"):
        answer.require(201)


def test_an_answer_without_a_body():
    assert split_answer(b"HTTP/1.1 204 No Content\r\n\r\n") == Answer(204, b"HTTP/1.1 204 No Content", b"")


def test_a_request_says_how_long_it_is():
    assert request_bytes("POST", "/x", {"A": "b"}, [1]) == (
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nA: b\r\n"
        b"Content-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"
    )


def test_load_is_sorted_into_served_refused_and_errors():
    outcome = Outcome(seconds=1.0)
    outcome.note(Answer(201, b"", b""), 5.0)
    outcome.note(Answer(503, b"HTTP/1.1 503 x\r\nRetry-After: 2", b""), 1.0)
    outcome.note(Answer(503, b"HTTP/1.1 503 x", b""), 1.0)
    assert (outcome.served.durations, outcome.refused.durations) == ([5.0], [1.0])
    assert (dict(outcome.errors), outcome.offered) == ({"503": 1}, 3)
