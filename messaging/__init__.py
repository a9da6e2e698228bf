"""Parley's core: workspaces, keys, conversations, messages, and the Mielto wire.

A host project imports from three places: `messaging.models`, `messaging.services` and `messaging.signals`.
"""

__version__ = "0.1.0"
is_parley = True
"""What tells this package from another of its name."""
