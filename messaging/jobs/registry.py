"""The kinds of jobs: plain functions under names, with what a worker needs to know to run them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

Counts = Mapping[str, int]
"""What a job reports of itself, such as `{"removed": 12}`."""
Outcome = Counts | bool | None
Function = TypeVar("Function", bound=Callable[..., Outcome])

MAX_ATTEMPTS = 5
ANYWHERE = frozenset({"postgresql", "sqlite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A registered function."""

    name: str
    run: Callable[..., Outcome]
    max_attempts: int = MAX_ATTEMPTS
    every: timedelta | None = None
    """Pause between two runs; None for a job that is run when somebody asks for it."""
    is_loop: bool = False
    """One worker calls it again and again; `every` is the pause when there is nothing to do."""
    is_shared: bool = False
    """Every worker calls it again and again, for it takes leases of its own. No row stands for it."""
    vendors: frozenset[str] = ANYWHERE
    """The databases on which a schedule has it."""


_kinds: dict[str, Kind] = {}


def job(
    name: str,
    *,
    every: timedelta | None = None,
    max_attempts: int = MAX_ATTEMPTS,
    vendors: frozenset[str] = ANYWHERE,
) -> Callable[[Function], Function]:
    """Register a function as a kind of job: at times where `every` is given, else when it is enqueued.

    The function takes a `Context` first, by default one that does nothing, and the parameters of the job as
    keyword arguments. It may run twice, so its effects must bear that. It stays the plain function that it
    is: Celery, `django.tasks` and cron call it as well. A host names its kinds after its app, as in
    `shop.send_digest`. Raises ValueError for a name that is taken.
    """

    def register(function: Function) -> Function:
        _add(Kind(name=name, run=function, every=every, max_attempts=max_attempts, vendors=vendors))
        return function

    return register


def loop(
    name: str, *, pause: timedelta, vendors: frozenset[str] = ANYWHERE
) -> Callable[[Function], Function]:
    """Register a step that one worker at a time repeats under a lease, in a thread of its own.

    The step returns whether it is to be repeated at once; otherwise the worker pauses. After an error it is
    taken up again with back-off, by any worker. A step keeps its state in the database, for another worker
    may do the next one.
    """

    def register(function: Function) -> Function:
        _add(Kind(name=name, run=function, every=pause, is_loop=True, vendors=vendors))
        return function

    return register


def shared_loop(name: str) -> Callable[[Function], Function]:
    """Register a step that every worker repeats in a thread of its own, for it takes leases of its own.

    The step returns whether there was something to do; otherwise the worker pauses as between two jobs.
    """

    def register(function: Function) -> Function:
        _add(Kind(name=name, run=function, is_shared=True))
        return function

    return register


def kinds() -> Mapping[str, Kind]:
    """All kinds that this process has registered, by name."""
    return _kinds


def kind_of(name: str) -> Kind:
    """The kind of this name. Raises LookupError where no function is registered under it."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"no job is registered as {name!r}") from None


def require_parameters(kind: Kind, parameters: Mapping[str, object]) -> None:
    """Raise TypeError where the function of this kind does not take these parameters."""
    inspect.signature(kind.run).bind(None, **parameters)


def _add(kind: Kind) -> None:
    if _kinds.setdefault(kind.name, kind).run is not kind.run:
        raise ValueError(f"another function is registered as {kind.name!r}")
