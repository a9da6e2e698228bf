"""What is measured, row by row of the table."""

from .admin import ADMIN
from .case import Case
from .memories import SEARCHING
from .reading import READING
from .writing import WRITING

__all__ = ["CASES", "Case"]

CASES = (*READING, *SEARCHING, *ADMIN, *WRITING)
"""In the order in which they are run and shown: reading first, on the rows as they were made."""
