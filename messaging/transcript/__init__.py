"""Conversations in the formats that models take and give: whole or a window, written and read.

A host imports from here; README.md has examples.
"""

from .formats import Format
from .pieces import Turn
from .selection import Selection
from .whole import Transcript, transcript_of

__all__ = ["Format", "Selection", "Transcript", "Turn", "transcript_of"]
