"""Tests over values that hypothesis makes up: a few in the suite, many in the drills."""

from collections.abc import Callable
from functools import update_wrapper
from inspect import Parameter, Signature, signature
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

DRILL = (pytest.mark.drill, pytest.mark.timeout(900))


def made_up(
    few: int, many: int, **strategies: SearchStrategy[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test so many times, with values of these strategies as the arguments of their names.

    Its other arguments are fixtures, which all calls of a test share.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        def repeated(*, times: int, **fixtures: Any) -> None:
            @settings(
                max_examples=times,
                derandomize=times == few,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(**strategies)
            def once(**made: Any) -> None:
                test(**fixtures, **made)

            once()

        asked = [each for name, each in signature(test).parameters.items() if name not in strategies]
        times = Parameter("times", Parameter.KEYWORD_ONLY)
        update_wrapper(repeated, test)
        repeated.__signature__ = Signature([*asked, times])  # type: ignore[attr-defined]
        both: Callable[..., None] = pytest.mark.parametrize("times", [few, pytest.param(many, marks=DRILL)])(
            repeated
        )
        return both

    return decorate
