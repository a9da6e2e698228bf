"""Memories: drawing them from what people write, and finding them. See README.md."""

from .embedding import Embedder
from .extracting import Add, Change, Drop, Extractor, Known, ModelUnavailable, Proposal, Turn

__all__ = [
    "Add",
    "Change",
    "Drop",
    "Embedder",
    "Extractor",
    "Known",
    "ModelUnavailable",
    "Proposal",
    "Turn",
]
