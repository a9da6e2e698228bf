"""Roles and authors of messages as staff read them."""

from typing import Protocol

LOOKS = frozenset({"user", "assistant", "system", "tool"})
"""Roles with a colour and a shape of their own. The vocabulary is open; all other roles share one look."""
ALIASES = {
    "developer": "system",
    "function": "tool",
    "model": "assistant",
    "ai": "assistant",
    "human": "user",
}


class Authored(Protocol):
    """The columns of a message that name its author."""

    role: str
    sender_id: str
    agent_id: str | None


def look_of(role: str) -> str:
    """The role among LOOKS that this one is shown as; `other` for words of agents' own."""
    role = role.lower()
    role = ALIASES.get(role, role)
    return role if role in LOOKS else "other"


def is_by_agent(role: str) -> bool:
    """Whether an agent wrote it: its `sender_id` names the end user of the exchange, who did not."""
    return look_of(role) in ("assistant", "tool")


def author_of(message: Authored) -> str:
    """The agent of what an agent wrote, empty where it has no name; the sender of other messages."""
    return (message.agent_id or "") if is_by_agent(message.role) else message.sender_id
