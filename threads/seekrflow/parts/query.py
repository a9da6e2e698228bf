"""How the parts of a message are narrowed."""

from typing import Any, Literal

from pydantic import BaseModel, Field

PartKind = Literal["text", "reasoning", "file", "data", "tool-call", "tool-error", "tool-result"]


class PartsOfMessageQuery(BaseModel):
    """Which parts of a message are asked for."""

    type: PartKind | None = Field(None, description="Filter by kind")
    tool_name: str | None = Field(None, description="Filter by the name of the tool")

    def fits(self, part: dict[str, Any]) -> bool:
        """Derived parts are no rows that a database could filter."""
        wanted = {"type": self.type, "tool_name": self.tool_name}
        return all(not value or part.get(name) == value for name, value in wanted.items())
