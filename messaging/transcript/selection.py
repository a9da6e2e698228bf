"""Which messages of a conversation a transcript has, and what of them."""

from dataclasses import dataclass

from messaging.exceptions import InvalidValue
from messaging.values.tokens import MOST_TOKENS

from .windows import Latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which messages of a conversation are read, and what of them."""

    last: int | None = None
    """The latest so many."""
    max_tokens: int | None = None
    """The latest that have no more tokens together, pinned ones included."""
    after: str | None = None
    """Those behind the message of this id."""
    before: str | None = None
    """Those in front of the message of this id."""
    roles: frozenset[str] = frozenset()
    """Those in these roles; empty for all."""
    include: frozenset[str] = frozenset({"reasoning", "tool_results"})
    """Of `reasoning`, `tool_results` (and the calls with them), `hidden`, and `open_calls`: those at the end
    whose results may still come."""
    pins_system: bool = False
    """The instructions are there, wherever in front of `before` they stand, and count first."""
    all_branches: bool = False
    """Messages that others took the place of, too."""

    def __post_init__(self) -> None:
        """Raises InvalidValue for a number that no conversation reaches, or that leaves nothing."""
        for name, number in (("last", self.last), ("max_tokens", self.max_tokens)):
            if number is not None and not 1 <= number <= MOST_TOKENS:
                raise InvalidValue((name,), f"{name} should be 1 to {MOST_TOKENS}", "int_range")

    @property
    def window(self) -> Latest:
        """How much is kept of what was read."""
        return Latest(last=self.last, max_tokens=self.max_tokens)
