"""Vectors of words from the weights inside the wheel of `wordllama`: the extra `semantic`, and no network.

The package's own loader asks the network for what the wheel holds, and configures the logging of its host. So
its two files are read here: a table with one row for each token, of which a text is the mean.
"""

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .embedding import normalised

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from .embedding import Vectors

__all__ = ["SemanticEmbedder"]

TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
WEIGHTS = "weights/l2_supercat_256.safetensors"
NEEDED = ("numpy", "safetensors", "tokenizers", "wordllama")
MOST_CHARACTERS = 10_000
"""Of a text; the mean of more says nothing."""


class SemanticEmbedder:
    """Knows English best, other languages of Latin letters a little. The files are read at the first text."""

    name: ClassVar[str] = "wordllama-l2-supercat-256"

    def __init__(self) -> None:
        """Raises ImportError where the extra is not installed."""
        if missing := [name for name in NEEDED if find_spec(name) is None]:
            packages = ", ".join(missing)
            raise ImportError(f"{packages} missing: pip install 'django-parley[semantic]'")

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """A row for each text, of length 1; zeros for one without a token."""
        import numpy

        encoded: list[Any] = self._tokenizer.encode_batch(
            [text[:MOST_CHARACTERS] for text in texts], add_special_tokens=False
        )
        vectors = numpy.zeros((len(texts), self._weights.shape[1]), dtype=numpy.float32)
        for row, each in zip(vectors, encoded, strict=True):
            if each.ids:
                self._weights[each.ids].mean(axis=0, dtype=numpy.float32, out=row)
        return normalised(vectors)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_folder() / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def _weights(self) -> "Vectors":
        from safetensors import safe_open

        # They stay of half precision, as the file has them: each process holds them.
        with safe_open(str(_folder() / WEIGHTS), framework="np") as file:
            weights: Vectors = file.get_tensor("embedding.weight")
        return weights


def _folder() -> Path:
    """Where the package lies. It is not imported: that alone would take long."""
    spec = find_spec("wordllama")
    return Path(spec.origin if spec and spec.origin else "").parent
