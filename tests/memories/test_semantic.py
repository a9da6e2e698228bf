"""The embedder from the wheel of wordllama gives what that package itself gives."""

import numpy
import pytest

from messaging.memories.embedding import read, written
from messaging.memories.semantic import SemanticEmbedder

pytest.importorskip("wordllama")
TEXTS = [
    "I live in Berlin",
    "Where is the home of the user?",
    "Ich bin allergisch gegen Nüsse",
    "x" * 20_000,
    "🙂",
]


@pytest.fixture(scope="module")
def semantic() -> SemanticEmbedder:
    return SemanticEmbedder()


def test_vectors_are_those_of_the_package(semantic: SemanticEmbedder):
    from importlib.util import find_spec
    from pathlib import Path

    from safetensors import safe_open
    from tokenizers import Tokenizer
    from wordllama.inference import WordLlamaInference

    spec = find_spec("wordllama")
    assert spec and spec.origin
    folder = Path(spec.origin).parent
    with safe_open(str(folder / "weights/l2_supercat_256.safetensors"), framework="np") as file:
        weights = file.get_tensor("embedding.weight")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers/l2_supercat_tokenizer_config.json"))
    theirs = WordLlamaInference(weights, tokenizer).embed(TEXTS[:3], norm=True)
    assert numpy.allclose(semantic.embed(TEXTS[:3]), theirs, atol=1e-6)


def test_rows_have_a_length_of_one(semantic: SemanticEmbedder):
    assert numpy.allclose((semantic.embed(TEXTS) ** 2).sum(axis=1), 1, atol=1e-5)


def test_a_text_without_a_token_has_no_direction(semantic: SemanticEmbedder):
    assert not semantic.embed([""]).any()
    assert semantic.embed([]).shape == (0, 256)


def test_a_batch_gives_what_each_text_gives(semantic: SemanticEmbedder):
    together = semantic.embed(TEXTS)
    apart = numpy.concatenate([semantic.embed([text]) for text in TEXTS])
    assert numpy.array_equal(together, apart)


def test_what_means_the_same_lies_near(semantic: SemanticEmbedder):
    home, question, nuts = semantic.embed(
        ["My dog is ill", "veterinarian for a sick puppy", "I pay taxes in June"]
    )
    assert home @ question > home @ nuts


def test_stored_vectors_come_back(semantic: SemanticEmbedder):
    vectors = semantic.embed(TEXTS[:3])
    stored = written(vectors)
    assert [len(each) for each in stored] == [512] * 3
    assert numpy.allclose(read(b"".join(stored), 256), vectors, atol=1e-3)
