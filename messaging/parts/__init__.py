"""Messages as typed parts: what the second wire speaks in, and what the admin shows."""

from messaging.content.shapes import Link, Part

from .store import AgentRun, NoParts, PartStore, ToolErrors, part_store, register_part_store

__all__ = [
    "AgentRun",
    "Link",
    "NoParts",
    "Part",
    "PartStore",
    "ToolErrors",
    "part_store",
    "register_part_store",
]
