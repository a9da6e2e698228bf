"""Ten thousand memories of one user, with their vectors where the extra `semantic` is installed."""

from importlib.util import find_spec

__all__ = ["EMBEDDER", "MEMORIES", "USER", "fill_memories"]

MEMORIES = 10_000
USER = "mnemosyne"
EMBEDDER = "semantic" if find_spec("wordllama") else "none"
"""The variable `MEMORY_EMBEDDER` of the service."""


def fill_memories(workspace_id: str) -> None:
    """Store them, unless they are there."""
    from messaging.models import Memory
    from messaging.services.memories.stored import hash_of
    from tests.bench.words import text_of

    if Memory.objects.for_workspace(workspace_id).exists():
        return
    texts = [f"{text_of(number)[:80]} {number}" for number in range(MEMORIES)]
    rows = [
        Memory(workspace_id=workspace_id, user_id=USER, memory=text, text_hash=hash_of(text))
        for text in texts
    ]
    if EMBEDDER == "semantic":
        from messaging.memories.embedding import written
        from messaging.memories.semantic import SemanticEmbedder

        semantic = SemanticEmbedder()
        for row, vector in zip(rows, written(semantic.embed(texts)), strict=True):
            row.embedding, row.embedder = vector, semantic.name
    Memory.objects.bulk_create(rows, batch_size=500)
