"""Vectors from any server that speaks OpenAI's embeddings."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .embedding import normalised
from .endpoint import BadAnswer, Endpoint, require_model

if TYPE_CHECKING:
    from .embedding import Vectors

__all__ = ["OpenAIEmbedder"]

AT_ONCE = 100
"""Texts of one request."""


class OpenAIEmbedder:
    """Asks a model at `url`, such as `https://api.openai.com/v1`; `dimensions` shortens its vectors."""

    def __init__(
        self, *, url: str, model: str, key: str = "", seconds: float = 10.0, dimensions: int | None = None
    ) -> None:
        require_model(url, model)
        self.endpoint = Endpoint(url=url, key=key, seconds=seconds)
        self.body: dict[str, Any] = {"model": model, "encoding_format": "float"}
        if dimensions:
            self.body["dimensions"] = dimensions
        self.name = f"{model}:{dimensions}" if dimensions else model

    def embed(self, texts: Sequence[str]) -> "Vectors":
        """A row for each text, of length 1. Raises ModelUnavailable and BadAnswer."""
        import numpy

        rows = [
            row
            for start in range(0, len(texts), AT_ONCE)
            for row in self._rows(texts[start : start + AT_ONCE])
        ]
        try:
            vectors = numpy.array(rows, dtype=numpy.float32)
        except (ValueError, TypeError) as error:
            raise BadAnswer("The vectors are no numbers, or not of one length") from error
        if vectors.ndim != 2 or not numpy.isfinite(vectors).all():
            raise BadAnswer("The vectors are no numbers, or not of one length")
        return normalised(vectors)

    def _rows(self, texts: Sequence[str]) -> list[Any]:
        answer = self.endpoint.post("/embeddings", {**self.body, "input": list(texts)})
        try:
            rows = {each["index"]: each["embedding"] for each in answer["data"]}
            return [rows[number] for number in range(len(texts))]
        except (KeyError, TypeError) as error:
            raise BadAnswer("The answer has no vector for each text") from error
