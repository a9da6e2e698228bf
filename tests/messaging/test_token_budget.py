"""The newest messages that fit into a budget of tokens, read from an index alone."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.services import MessageDraft, Writer, append_messages, delete_messages, fitting, update_message
from messaging.services.token_budget import FRAME, Fitting
from messaging.testing import make_conversation
from tests.cast import Tenant


def written(acme: Tenant, *counts: int | tuple[str, int]) -> Conversation:
    """A conversation of messages with these tokens, of users unless a role is said."""
    conversation, _ = make_conversation(acme.workspace)
    drafts = [
        MessageDraft(content="words", role=role, token_count=count)
        for role, count in (given if isinstance(given, tuple) else ("user", given) for given in counts)
    ]
    append(acme, conversation, drafts)
    return conversation


def append(acme: Tenant, conversation: Conversation, drafts: list[MessageDraft]) -> list[Message]:
    return append_messages(
        workspace_id=acme.workspace.pk, conversation_id=conversation.pk, drafts=drafts, writer=Writer()
    )


def fit(acme: Tenant, conversation: Conversation, budget: int, **options) -> Fitting:
    options = {"frame": 0} | options
    return fitting(
        workspace_id=acme.workspace.pk, conversation_id=conversation.pk, max_tokens=budget, **options
    )


def seqs(acme: Tenant, conversation: Conversation, found: Fitting) -> list[int]:
    """The numbers of the messages from where the fitting ones start, in the order of the list."""
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(conversation.pk)
    listed = [(row.created_at, row.seq) for row in rows.order_by("created_at", "seq")]
    return [seq for at, seq in listed if found.start is not None and (at, seq) >= found.start]


def test_the_newest_that_fit(acme: Tenant):
    conversation = written(acme, 10, 20, 30, 40)
    for budget, expected, tokens in [
        (39, [], 0),
        (40, [4], 40),
        (69, [4], 40),
        (70, [3, 4], 70),
        (99, [2, 3, 4], 90),
        (100, [1, 2, 3, 4], 100),
        (10**9, [1, 2, 3, 4], 100),
    ]:
        found = fit(acme, conversation, budget)
        assert (seqs(acme, conversation, found), found.tokens, found.messages) == (
            expected,
            tokens,
            len(expected),
        )


def test_one_that_does_not_fit_ends_it(acme: Tenant):
    """A window has no holes: what is older than a message that is too large is not taken."""
    conversation = written(acme, 1, 1, 500, 1, 1)
    assert seqs(acme, conversation, fit(acme, conversation, 100)) == [4, 5]


def test_each_message_has_a_frame(acme: Tenant):
    conversation = written(acme, 10, 10, 10)
    assert fit(acme, conversation, 3 * (10 + FRAME), frame=FRAME).messages == 3
    assert fit(acme, conversation, 3 * (10 + FRAME) - 1, frame=FRAME).messages == 2


def test_roles_bounds_and_both(acme: Tenant):
    conversation = written(acme, 10, ("assistant", 20), 30, ("assistant", 40))
    assert fit(acme, conversation, 60, roles=["assistant"]).tokens == 60
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(conversation.pk).order_by("seq")
    places = [(row.created_at, row.seq) for row in rows]
    assert fit(acme, conversation, 10**6, before=places[2]).tokens == 30
    assert fit(acme, conversation, 10**6, after=places[1]).tokens == 70
    assert fit(acme, conversation, 10**6, after=places[0], before=places[3]).tokens == 50
    assert fit(acme, conversation, 10**6, before=places[0]) == Fitting()


def test_no_more_are_read_than_are_wanted(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.services.token_budget.BLOCK", 8)
    conversation = written(acme, *[10] * 40)
    for most, expected in [(1, 1), (8, 8), (9, 9), (30, 30), (50, 40)]:
        assert fit(acme, conversation, 10**6, most_messages=most).messages == expected
    assert fit(acme, conversation, 95, most_messages=30).messages == 9


def test_it_follows_corrections_and_deletions(acme: Tenant):
    conversation = written(acme, 10, 10, 10)
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(conversation.pk).order_by("seq")
    first, second, third = rows
    update_message(workspace_id=acme.workspace.pk, message_id=third.pk, changes={"content": "x" * 400})
    assert fit(acme, conversation, 109).tokens == 100
    delete_messages(workspace_id=acme.workspace.pk, message_ids=[third.pk])
    assert fit(acme, conversation, 109).tokens == 20


def test_imported_messages_fit_in_the_order_of_the_list(acme: Tenant):
    conversation = written(acme, 10)
    old = timezone.now() - timedelta(days=9)
    append(acme, conversation, [MessageDraft(content="old", created_at=old, token_count=20)])
    assert seqs(acme, conversation, fit(acme, conversation, 15)) == [1]
    assert seqs(acme, conversation, fit(acme, conversation, 30)) == [2, 1]


def test_the_other_workspace_fits_nothing(acme: Tenant, globex: Tenant):
    found = fitting(workspace_id=acme.workspace.pk, conversation_id=globex.conversation.pk, max_tokens=10**6)
    assert found == Fitting()


@pytest.mark.parametrize("seed", range(3))
def test_blocks_and_sums_say_what_adding_up_says(acme: Tenant, seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.services.token_budget.BLOCK", 8)
    chosen = random.Random(seed)
    roles = ("user", "assistant", "system", "tool")
    counts = [(chosen.choices(roles, (5, 5, 1, 3))[0], chosen.choice((0, 1, 5, 40, 900))) for _ in range(200)]
    conversation = written(acme, *counts)
    tokens = [count for _, count in counts]
    for budget in (0, *(chosen.randint(0, sum(tokens) + 50) for _ in range(20))):
        left, taken = budget, 0
        while taken < len(tokens) and tokens[-1 - taken] <= left:
            left -= tokens[-1 - taken]
            taken += 1
        found = fit(acme, conversation, budget)
        assert (found.messages, found.tokens) == (taken, budget - left)


def test_few_statements_and_no_text(acme: Tenant):
    conversation = written(acme, *[10] * 3_000)
    with CaptureQueriesContext(connection) as queries:
        assert fit(acme, conversation, 25_000).messages == 2_500
    assert len(queries) <= 5
    assert not any("content" in query["sql"] for query in queries)
