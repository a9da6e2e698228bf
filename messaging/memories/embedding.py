"""What an embedder is: it gives texts vectors, so that what means the same lies near."""

import struct
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from messaging.conf import memory_settings

if TYPE_CHECKING:
    import numpy

    Vectors = numpy.ndarray[Any, numpy.dtype[numpy.float32]]
    """One row a text, each of length 1: their product is the cosine."""

__all__ = ["Embedder", "embedder", "read", "values_of", "written"]


class Embedder(Protocol):
    """Gives texts their vectors. One instance serves all threads of a process."""

    @property
    def name(self) -> str:
        """Stands at every vector; vectors of another name are never compared with these."""

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """A row for each text, in their order, of length 1, or of zeros for a text without a meaning.

        Raises ModelUnavailable where nothing answers now.
        """


@cache
def embedder() -> Embedder | None:
    """That of the settings; None where there is none. Raises ImportError where its extra is not installed."""
    settings = memory_settings()
    if settings.embedder is None:
        return None
    made: Embedder = import_string(settings.embedder)(**settings.embedder_options)
    return made


def written(vectors: "Vectors") -> list[bytes]:
    """Each row as it is stored: half precision, little end first."""
    return [row.tobytes() for row in vectors.astype("<f2")]


def read(stored: bytes, dimensions: int) -> "Vectors":
    """Stored rows, one behind the other."""
    import numpy

    return numpy.frombuffer(stored, dtype="<f2").reshape(-1, dimensions).astype(numpy.float32)


def values_of(stored: bytes | memoryview | None) -> list[float] | None:
    """One stored row as numbers, without numpy; None where there is none."""
    return None if stored is None else [*struct.unpack(f"<{len(stored) // 2}e", stored)]


def normalised(vectors: "Vectors") -> "Vectors":
    """The rows with a length of 1; those of zeros stay so."""
    import numpy

    lengths = numpy.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = numpy.divide(vectors, lengths, out=numpy.zeros_like(vectors), where=lengths > 0)
    return scaled


def _forget(*, setting: str, **kwargs: Any) -> None:
    if setting == "PARLEY":
        embedder.cache_clear()


setting_changed.connect(_forget)
