"""With pgvector PostgreSQL compares the vectors of memories, and answers what the process answers."""

from collections.abc import Iterator, Sequence
from functools import partial
from io import StringIO
from typing import Any

import numpy
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from messaging.memories.embedding import normalised, read, written
from messaging.memories.nearness import nearest_to
from messaging.models import Memory
from messaging.services import add_memory, store_embeddings
from messaging.services.memories.stored import hide
from messaging.sql.pgvector import has_vectors
from tests.cast import Tenant

USER, DIMENSIONS, NUMBER = "ada", 24, 60
RANDOM = numpy.random.default_rng(7)


class Numbers:
    """An embedder that is never asked: tests store vectors of their own."""

    name = "numbers"

    def embed(self, texts: Sequence[str]) -> Any:
        return normalised(RANDOM.standard_normal((len(texts), DIMENSIONS)).astype(numpy.float32))


@pytest.fixture(autouse=True)
def _embedder(settings: Settings) -> None:
    path = f"{Numbers.__module__}.{Numbers.__qualname__}"
    settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"EMBEDDER": path}}


@pytest.fixture
def pgvector(db: None) -> Iterator[None]:
    """The extension, in a database that is about to be rolled back."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no pgvector")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else tables with pending checks cannot be altered
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
        if not cursor.fetchall():
            pytest.skip("this PostgreSQL comes without pgvector")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    yield


def remember(tenant: Tenant, number: int = NUMBER, user: str = USER, dimensions: int = DIMENSIONS) -> None:
    """So many memories with vectors of random directions; the last two have the same one."""
    vectors = normalised(RANDOM.standard_normal((number, dimensions)).astype(numpy.float32))
    vectors[-1] = vectors[-2]
    for row, vector in enumerate(written(vectors)):
        text = f"{row} {dimensions}"
        memory, _ = add_memory(workspace_id=tenant.workspace.pk, user_id=user, memory=text)
        stored = {memory.pk: (memory.version, vector)}
        store_embeddings(workspace_id=tenant.workspace.pk, embedder=Numbers.name, embeddings=stored)


def answers(tenant: Tenant, vectors: Any, most: int) -> list[str]:
    rows = Memory.objects.for_workspace(tenant.workspace.pk).live().of_user(USER)
    return [each.id for each in nearest_to(rows, vectors, most)]


def use(*arguments: str) -> None:
    call_command("use_pgvector", *arguments, stdout=StringIO())


def test_both_answer_the_same(acme: Tenant, globex: Tenant, pgvector: None):
    for tenant, user in ((acme, USER), (acme, "bob"), (globex, USER)):
        remember(tenant, user=user)
    remember(acme, 3, dimensions=8)
    asked = [Numbers().embed(["x"] * number) for number in (1, 1, 3)]
    asked.append(numpy.array([read(bytes(Memory.objects.latest("pk").embedding or b""), 8)[0]]))
    before = [answers(acme, vectors, most) for vectors in asked for most in (1, 10, 100)]
    use()
    assert has_vectors(connection.alias)
    assert [answers(acme, vectors, most) for vectors in asked for most in (1, 10, 100)] == before
    assert [len(each) for each in before] == [1, 10, NUMBER] * 3 + [1, 3, 3]


def test_cosines_are_those_of_the_process(acme: Tenant, pgvector: None):
    remember(acme)
    rows, asked = Memory.objects.for_workspace(acme.workspace.pk), Numbers().embed(["x"])
    near = partial(nearest_to, rows, asked, NUMBER)
    before = dict(near())
    use()
    after = dict(near())
    assert after.keys() == before.keys()
    assert all(abs(after[pk] - before[pk]) < 1e-3 for pk in before)


def test_no_vector_is_read_into_the_process(acme: Tenant, pgvector: None):
    remember(acme)
    use()
    with CaptureQueriesContext(connection) as queries:
        assert answers(acme, Numbers().embed(["x"]), 5)
    assert len(queries) == 2
    assert '"embedding",' not in queries[-1]["sql"]


def test_what_is_written_afterwards_has_its_vector_and_loses_it_with_its_words(acme: Tenant, pgvector: None):
    use()
    remember(acme, 2)
    assert len(answers(acme, Numbers().embed(["x"]), 5)) == 2
    hide(acme.workspace.pk, [row.pk for row in Memory.objects.for_workspace(acme.workspace.pk)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(embedding_vector) FROM parley_memory")
        assert cursor.fetchone() == (0,)


def test_it_can_be_had_twice_and_taken_away(acme: Tenant, pgvector: None):
    remember(acme, 2)
    for arguments in ((), (), ("--remove",), ("--remove",)):
        use(*arguments)
        assert has_vectors(connection.alias) == (not arguments)
        assert len(answers(acme, Numbers().embed(["x"]), 5)) == 2


def test_without_the_extension_the_command_says_what_to_do(db: None):
    with pytest.raises(CommandError, match="CREATE EXTENSION vector"):
        use()
