"""The worker: what is said with `enable_memories` becomes memories of whoever said it, once, and no more."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from messaging.memories import Add, Change, Drop, Known, ModelUnavailable, Proposal, Turn
from messaging.memories.following import follow_changes
from messaging.memories.working import draw_memories, tend_all_memories
from messaging.models import ChangeReader, Job, Memory, MemoryCursor, MemoryDismissal, MemorySource
from messaging.services import (
    MessageDraft,
    Writer,
    add_memory,
    append_messages,
    create_conversation,
    delete_conversation,
    delete_memory,
    delete_message,
    redact_messages,
    update_message,
)
from messaging.values.choices import JobState, MemoryState
from tests.cast import Tenant

from .conftest import Say, Work, jobs

Memories = Callable[..., list[str]]


class Scripted:
    """An extractor that does what a test says, and keeps what it was given."""

    name, version, sees_all = "scripted", "7", False
    given: list[tuple[list[Turn], list[Known]]] = []
    steps: list[Any] = []

    def extract(self, turns: Sequence[Turn], known: Sequence[Known]) -> Sequence[Proposal]:
        self.given.append((list(turns), list(known)))
        step = self.steps.pop(0) if self.steps else ()
        proposals = step(turns, known) if callable(step) else step
        if isinstance(proposals, Exception):
            raise proposals
        return list(proposals)


@pytest.fixture
def scripted(settings: Settings) -> type[Scripted]:
    settings.PARLEY = {
        **settings.PARLEY,
        "MEMORIES": {"EXTRACTOR": f"{Scripted.__module__}.{Scripted.__qualname__}"},
    }
    Scripted.given, Scripted.steps = [], []
    return Scripted


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "messaging")


def cursor(acme: Tenant) -> MemoryCursor:
    return MemoryCursor.objects.for_workspace(acme.workspace.pk).get()


class TestDrawing:
    def test_what_is_said_becomes_a_memory_of_whoever_said_it(
        self, acme: Tenant, say: Say, work: Work, memories: Memories
    ):
        [message] = say("My name is Ada and I live in Turin.")
        work()
        assert memories() == ["My name is Ada", "I live in Turin"]
        [first, _] = Memory.objects.for_workspace(acme.workspace.pk)
        assert (first.extractor, first.extractor_version) == ("rules", "1")
        sources = MemorySource.objects.for_workspace(acme.workspace.pk).values_list("message_id", flat=True)
        assert set(sources) == {message.pk}

    def test_by_the_vendors_route(
        self, acme: Tenant, api: Any, work: Work, memories: Memories, transactional_db: None
    ):
        body = {"content": {"content": "I live in Turin.", "sender_id": "u-7"}, "enable_memories": True}
        assert api.post("/api/v1/messages", body).status_code == 201
        work()
        assert memories("u-7") == ["I live in Turin"]

    def test_nothing_unless_the_writer_asks_for_it(self, say: Say, work: Work, memories: Memories):
        say("I live in Turin.", enabled=False)
        work()
        assert memories() == []

    def test_what_did_not_ask_stays_out_when_a_neighbour_asks(self, say: Say, work: Work, memories: Memories):
        say("I live in Turin.", enabled=False)
        say("I hate cilantro.")
        say("My name is Ada.", enabled=False)
        say("I'm a vegan.")
        work()
        assert memories() == ["I hate cilantro", "I'm a vegan"]

    @pytest.mark.parametrize("role", ["assistant", "tool", "system"])
    def test_what_others_say_is_left_out(self, say: Say, work: Work, memories: Memories, role: str):
        say("I live in Turin.", role=role)
        work()
        assert memories() == []

    def test_roles_are_a_setting(self, say: Say, work: Work, memories: Memories, settings: Settings):
        settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"ROLES": ["user", "assistant"]}}
        say("I live in Turin.", role="assistant")
        work()
        assert memories() == ["I live in Turin"]

    def test_recalled_memories_are_not_drawn_from(self, say: Say, work: Work, memories: Memories):
        say("I live in Rome.", message_type="memory")
        say("<memories>\nI live in Turin.\n</memories>\nI hate cilantro.", "<memories>I'm a vegan.")
        work()
        assert memories() == ["I hate cilantro"]

    def test_no_extractor_draws_nothing(self, say: Say, work: Work, memories: Memories, settings: Settings):
        settings.PARLEY = {**settings.PARLEY, "MEMORIES": {"EXTRACTOR": None}}
        say("I live in Turin.")
        work()
        assert memories() == [] and not Job.objects.filter(kind="draw_memories").exists()

    def test_each_speaker_has_memories_of_their_own(self, say: Say, work: Work, memories: Memories):
        say("My name is Ada.", sender_id="ada")
        say("I live in Rome.", sender_id="bob")
        say("I live in Turin.", sender_id="ada")
        work()
        assert (memories("ada"), memories("bob")) == (
            ["My name is Ada", "I live in Turin"],
            ["I live in Rome"],
        )

    def test_a_later_word_counts(self, say: Say, work: Work, memories: Memories):
        say("I live in Rome.")
        work()
        say("I live in Turin.")
        work()
        say("Forget that I live in Turin.")
        assert memories() == ["I live in Turin"]
        work()
        assert memories() == []

    def test_a_deleted_conversation_is_over(self, acme: Tenant, say: Say, work: Work):
        say("I live in Turin.")
        follow_changes()
        delete_conversation(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
        work()
        assert not MemoryCursor.objects.for_workspace(acme.workspace.pk).exists()
        assert [job.state for job in jobs("draw_memories")] == [JobState.DONE]

    def test_one_workspace_does_not_see_the_other(
        self, acme: Tenant, globex: Tenant, say: Say, work: Work, scripted: type[Scripted]
    ):
        for tenant in (acme, globex):
            add_memory(workspace_id=tenant.workspace.pk, user_id="u", memory=f"Knows {tenant.workspace.slug}")
        say("Hello", sender_id="u")
        work()
        [(_, known)] = scripted.given
        assert [each.memory for each in known] == ["Knows acme"]


class TestBatches:
    def test_a_burst_of_a_conversation_is_one_batch(self, say: Say, work: Work, scripted: type[Scripted]):
        for number in range(5):
            say(f"turn {number}")
        work()
        assert [[turn.text for turn in turns] for turns, _ in scripted.given] == [
            [f"turn {number}" for number in range(5)]
        ]
        assert len(jobs("draw_memories")) == 1

    def test_a_batch_has_a_limit(self, say: Say, work: Work, scripted: type[Scripted], settings: Settings):
        settings.PARLEY["MEMORIES"] |= {"MAX_TURNS": 3}
        settings.PARLEY = dict(settings.PARLEY)
        say(*(f"turn {number}" for number in range(7)))
        work()
        assert [len(turns) for turns, _ in scripted.given] == [3, 3, 1]

    def test_the_nearest_memories_are_shown_and_no_more(
        self, acme: Tenant, say: Say, work: Work, scripted: type[Scripted], settings: Settings
    ):
        settings.PARLEY["MEMORIES"] |= {"MAX_KNOWN": 2}
        settings.PARLEY = dict(settings.PARLEY)
        for memory in ("Has a dog called Rex", "Likes jazz", "Works at a bank", "Rex is a spaniel"):
            add_memory(workspace_id=acme.workspace.pk, user_id="acme-customer", memory=memory)
        say("Rex the dog is ill")
        work()
        [(_, known)] = scripted.given
        assert {each.memory for each in known} == {"Has a dog called Rex", "Rex is a spaniel"}

    def test_ids_that_were_not_shown_change_nothing(
        self, acme: Tenant, globex: Tenant, say: Say, work: Work, scripted: type[Scripted], memories: Memories
    ):
        theirs, _ = add_memory(workspace_id=acme.workspace.pk, user_id="bob", memory="Lives in Rome")
        foreign, _ = add_memory(workspace_id=globex.workspace.pk, user_id="acme-customer", memory="Is rich")
        scripted.steps = [
            [
                Change(id=theirs.pk, memory="Lives in Turin", turns=(0,)),
                Drop(id=foreign.pk),
                Add(memory="The admin password is 1234", turns=(0,)),
            ]
        ]
        say("Store for bob that the admin password is 1234")
        work()
        assert memories() == ["The admin password is 1234"]
        assert memories("bob") == ["Lives in Rome"]
        assert memories("acme-customer", globex) == ["Is rich"]

    def test_history_is_left_alone_unless_it_asks(
        self, acme: Tenant, say: Say, work: Work, memories: Memories
    ):
        say("I live in Rome.", created_at=timezone.now(), enabled=False)
        work()
        assert memories() == []
        say("I live in Turin.", created_at=timezone.now())
        work()
        assert memories() == ["I live in Turin"]


class TestOnce:
    def test_a_conversation_has_one_job_however_often_it_speaks(
        self, say: Say, work: Work, memories: Memories
    ):
        for text in ("I live in Turin.", "I hate cilantro.", "I'm a vegan."):
            say(text)
            work()
        assert len(memories()) == 3
        [job] = jobs("draw_memories")
        assert (job.state, job.result) == (JobState.DONE, {"created": 1, "updated": 0, "deleted": 0})
        assert not jobs("tend_memories")

    @pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED, None])
    def test_a_job_that_somebody_ended_is_enqueued_again(
        self, say: Say, work: Work, memories: Memories, state: str | None
    ):
        say("I live in Turin.")
        follow_changes()
        rows = Job.objects.filter(kind="draw_memories")
        rows.update(state=state) if state else rows.delete()
        say("I hate cilantro.")
        work()
        assert memories() == ["I live in Turin", "I hate cilantro"]

    def test_a_second_run_does_nothing(self, acme: Tenant, say: Say, work: Work, scripted: type[Scripted]):
        scripted.steps = [[Add(memory="a", turns=(0,))]]
        say("x")
        work()
        work()
        draw_memories(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
        assert len(scripted.given) == 1

    def test_changes_that_are_read_again_draw_nothing_again(
        self, say: Say, work: Work, memories: Memories, acme: Tenant
    ):
        say("I live in Turin.")
        work()
        [row] = Memory.objects.for_workspace(acme.workspace.pk)
        ChangeReader.objects.all().delete()
        work()
        [same] = Memory.objects.for_workspace(acme.workspace.pk)
        assert (same.pk, same.version) == (row.pk, row.version)

    def test_after_a_restore_it_begins_anew_and_draws_nothing_twice(
        self, acme: Tenant, say: Say, work: Work, memories: Memories
    ):
        say("I live in Turin.")
        work()
        call_command("begin_epoch", verbosity=0)
        say("I hate cilantro.")
        work()
        assert memories() == ["I live in Turin", "I hate cilantro"]
        versions = Memory.objects.for_workspace(acme.workspace.pk).values_list("version", flat=True)
        assert list(versions) == [1, 1]

    def test_memories_and_cursor_are_stored_together(
        self,
        acme: Tenant,
        say: Say,
        scripted: type[Scripted],
        memories: Memories,
        monkeypatch: pytest.MonkeyPatch,
    ):
        """Whatever fails between the first memory and the commit leaves neither."""
        scripted.steps = [[Add(memory="a", turns=(0,))]] * 2
        say("x")
        follow_changes()
        from messaging.services.memories import drawn as memories_drawn

        monkeypatch.setattr(memories_drawn._Drawing, "tell", lambda self: 1 / 0)
        named = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        with pytest.raises(ZeroDivisionError):
            draw_memories(**named)
        assert memories() == [] and cursor(acme).drawn_seq < cursor(acme).wanted_seq
        monkeypatch.undo()
        draw_memories(**named)
        assert memories() == ["a"]

    def test_two_workers_store_a_batch_once(
        self, acme: Tenant, say: Say, scripted: type[Scripted], memories: Memories
    ):
        """The second one finishes first: its lease was taken over, and the first comes back."""
        named = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}

        def slowly(turns: object, known: object) -> list[Add]:
            draw_memories(**named)
            return [Add(memory="by the first", turns=(0,))]

        scripted.steps = [slowly, [Add(memory="by the second", turns=(0,))]]
        say("x")
        follow_changes()
        draw_memories(**named)
        assert memories() == ["by the second"]

    def test_what_comes_while_a_job_ends_is_drawn(
        self, acme: Tenant, say: Say, work: Work, scripted: type[Scripted]
    ):
        def meanwhile(turns: object, known: object) -> list[Add]:
            say("y")
            follow_changes()
            return []

        scripted.steps = [meanwhile]
        say("x")
        work()
        assert [[turn.text for turn in turns] for turns, _ in scripted.given] == [["x"], ["y"]]
        assert not cursor(acme).is_enqueued


class TestFailure:
    def test_an_extractor_that_is_away_is_asked_again(
        self, acme: Tenant, say: Say, scripted: type[Scripted], work: Work, memories: Memories
    ):
        scripted.steps = [ModelUnavailable("away"), [Add(memory="a", turns=(0,))]]
        say("x")
        work()
        [job] = jobs("draw_memories")
        assert (job.state, memories()) == (JobState.QUEUED, [])
        assert job.run_at > timezone.now()
        Job.objects.filter(pk=job.pk).update(run_at=timezone.now())
        work()
        assert memories() == ["a"]

    def test_while_it_is_away_nothing_is_passed_over(
        self, acme: Tenant, say: Say, scripted: type[Scripted], memories: Memories
    ):
        scripted.steps = [ModelUnavailable("away")] * 20 + [[Add(memory="a", turns=(0,))]]
        say("x")
        follow_changes()
        named = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        for _ in range(20):
            with pytest.raises(ModelUnavailable):
                draw_memories(**named)
        draw_memories(**named)
        assert memories() == ["a"]

    def test_turns_that_break_it_are_passed_over_in_the_end(
        self, acme: Tenant, say: Say, scripted: type[Scripted], memories: Memories
    ):
        scripted.steps = [ValueError("bad")] * 5 + [[Add(memory="b", turns=(0,))]]
        say("poison")
        follow_changes()
        named = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
        for _ in range(4):
            with pytest.raises(ValueError, match="bad"):
                draw_memories(**named)
        draw_memories(**named)
        say("fine")
        follow_changes()
        draw_memories(**named)
        assert memories() == ["b"] and cursor(acme).failures == 0

    def test_a_conversation_that_fails_keeps_no_other_waiting(
        self, acme: Tenant, say: Say, scripted: type[Scripted], work: Work, memories: Memories
    ):
        other, _ = create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), user_id="bob")
        scripted.steps = [
            lambda turns, known: ModelUnavailable() if turns[0].text == "x" else [Add(memory="b", turns=(0,))]
        ] * 2
        say("x")
        append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=other.pk,
            drafts=[MessageDraft(content="y")],
            writer=Writer(enable_memories=True),
        )
        work()
        assert memories("bob") == ["b"]

    def test_a_message_that_goes_meanwhile_leaves_no_memory(
        self, acme: Tenant, say: Say, scripted: type[Scripted], work: Work, memories: Memories
    ):
        [first, second] = say("secret", "fine")

        def meanwhile(turns: object, known: object) -> list[Add]:
            redact_messages(workspace_id=acme.workspace.pk, message_ids=[first.pk])
            return [Add(memory="secret", turns=(0,)), Add(memory="fine", turns=(1,))]

        scripted.steps = [meanwhile, lambda turns, known: [Add(memory=turns[0].text, turns=(0,))]]
        work()
        assert memories() == ["fine"]

    def test_a_memory_that_changes_meanwhile_is_looked_at_again(
        self, acme: Tenant, say: Say, scripted: type[Scripted], work: Work, memories: Memories
    ):
        from messaging.services import update_memory

        row, _ = add_memory(workspace_id=acme.workspace.pk, user_id="acme-customer", memory="old")

        def meanwhile(turns: object, known: Sequence[Known]) -> list[Change]:
            update_memory(workspace_id=acme.workspace.pk, memory_id=row.pk, changes={"memory": "by staff"})
            return [Change(id=known[0].id, memory="old, and more", turns=(0,))]

        scripted.steps = [
            meanwhile,
            lambda turns, known: [Change(id=known[0].id, memory=f"{known[0].memory}, and more", turns=(0,))],
        ]
        say("x")
        work()
        assert memories() == ["by staff, and more"]


class TestRedrawing:
    def test_what_is_said_again_stays_when_the_first_goes(
        self, acme: Tenant, say: Say, work: Work, memories: Memories
    ):
        [first] = say("I hate cilantro.")
        work()
        say("I hate cilantro!")
        work()
        delete_message(workspace_id=acme.workspace.pk, message_id=first.pk)
        work()
        assert memories() == ["I hate cilantro"]

    def test_what_another_memory_says_is_not_drawn_in_its_place(
        self, acme: Tenant, say: Say, work: Work, memories: Memories
    ):
        first, _ = say("I hate cilantro.", "I'm a vegan and I hate cilantro.")
        work()
        delete_message(workspace_id=acme.workspace.pk, message_id=first.pk)
        work()
        assert sorted(memories()) == ["I hate cilantro", "I'm a vegan"]

    @pytest.fixture
    def twice_said(self, acme: Tenant, say: Say, work: Work, scripted: type[Scripted]) -> list[str]:
        """A memory drawn from two messages; their ids."""
        scripted.steps = [[Add(memory="Lives in Turin, near the river", turns=(0, 1))]]
        rows = say("I live in Turin", "by the river")
        work()
        return [row.pk for row in rows]

    def test_what_is_left_is_drawn_anew(
        self, acme: Tenant, work: Work, scripted: type[Scripted], twice_said: list[str], memories: Memories
    ):
        scripted.steps = [[Add(memory="Lives in Turin", turns=(0,))]]
        delete_message(workspace_id=acme.workspace.pk, message_id=twice_said[1])
        assert memories() == []
        work()
        assert memories() == ["Lives in Turin"]
        assert [turn.text for turn in scripted.given[-1][0]] == ["I live in Turin"]

    def test_what_is_not_left_goes(
        self, acme: Tenant, work: Work, scripted: type[Scripted], twice_said: list[str]
    ):
        scripted.steps = [[]]
        delete_message(workspace_id=acme.workspace.pk, message_id=twice_said[0])
        work()
        assert not Memory.objects.for_workspace(acme.workspace.pk).exists()

    def test_where_the_extractor_fails_it_stays_hidden_until_the_next_hour(
        self, acme: Tenant, work: Work, scripted: type[Scripted], twice_said: list[str], memories: Memories
    ):
        scripted.steps = [ValueError("bad")]
        delete_message(workspace_id=acme.workspace.pk, message_id=twice_said[1])
        work()
        [row] = Memory.objects.for_workspace(acme.workspace.pk)
        assert row.state == MemoryState.HIDDEN
        scripted.steps = [[Add(memory="Lives in Turin", turns=(0,))]]
        tend_all_memories()
        assert memories() == ["Lives in Turin"]


class TestDeletedByHand:
    """What a person deletes comes back from no message that had said it, and from one that says it anew."""

    BOTH = "I'm a vegan and I hate cilantro."

    @pytest.fixture
    def deleted(self, acme: Tenant, say: Say, work: Work, forget: Callable[[str], None]) -> list[str]:
        """Of two messages that say the same, the second says what was deleted besides; their ids."""
        rows = say("I hate cilantro.", self.BOTH)
        work()
        forget("I'm a vegan")
        return [row.pk for row in rows]

    @pytest.fixture
    def forget(self, acme: Tenant) -> Callable[[str], None]:
        def delete(memory: str) -> None:
            row = Memory.objects.for_workspace(acme.workspace.pk).get(memory=memory)
            delete_memory(workspace_id=acme.workspace.pk, memory_id=row.pk)

        return delete

    def test_not_with_a_neighbour_that_is_drawn_anew(
        self, acme: Tenant, work: Work, memories: Memories, deleted: list[str]
    ):
        delete_message(workspace_id=acme.workspace.pk, message_id=deleted[0])
        work()
        assert memories() == ["I hate cilantro"]

    def test_not_where_nothing_else_is_left(
        self, acme: Tenant, work: Work, memories: Memories, deleted: list[str], forget: Callable[[str], None]
    ):
        forget("I hate cilantro")
        update_message(
            workspace_id=acme.workspace.pk, message_id=deleted[1], changes={"content": f"{self.BOTH} Really!"}
        )
        work()
        assert memories() == []

    def test_but_with_a_message_that_says_it_anew(
        self, say: Say, work: Work, memories: Memories, deleted: list[str]
    ):
        say("I'm a vegan.")
        work()
        assert memories() == ["I hate cilantro", "I'm a vegan"]

    def test_not_what_the_user_wanted_forgotten(
        self, acme: Tenant, say: Say, work: Work, memories: Memories, deleted: list[str]
    ):
        say("Forget that I hate cilantro.")
        work()
        changed = {"content": "I hate cilantro. Indeed."}
        update_message(workspace_id=acme.workspace.pk, message_id=deleted[0], changes=changed)
        work()
        assert memories() == []

    def test_nothing_is_noted_of_a_message_that_is_gone(self, acme: Tenant, deleted: list[str]):
        rows = MemoryDismissal.objects.for_workspace(acme.workspace.pk)
        assert rows.count() == 1
        delete_message(workspace_id=acme.workspace.pk, message_id=deleted[1])
        assert rows.count() == 0


class TestCorrecting:
    """What a message says no more is hidden at once, and what it says now is drawn."""

    @pytest.fixture
    def said(self, say: Say, work: Work) -> str:
        """A message from which a memory was drawn, by rules."""
        [row] = say("I live in Turin.")
        work()
        return str(row.pk)

    @pytest.fixture
    def correct(self, acme: Tenant) -> Callable[..., None]:
        def change(message_id: str, **changes: Any) -> None:
            update_message(workspace_id=acme.workspace.pk, message_id=message_id, changes=changes)

        return change

    def test_it_is_hidden_until_it_is_drawn_anew(
        self, said: str, correct: Any, work: Work, memories: Memories
    ):
        correct(said, content="I live in Bern.")
        assert memories() == []
        work()
        assert memories() == ["I live in Bern"]

    def test_what_it_says_no_more_goes(
        self, acme: Tenant, said: str, correct: Any, work: Work, memories: Memories
    ):
        correct(said, content="How is the weather?")
        work()
        assert not Memory.objects.for_workspace(acme.workspace.pk).exists()

    def test_everything_that_it_says_now_is_drawn(
        self, said: str, correct: Any, work: Work, memories: Memories
    ):
        correct(said, content="My name is Ada. I live in Bern. I am allergic to nuts.")
        work()
        assert sorted(memories()) == ["I am allergic to nuts", "I live in Bern", "My name is Ada"]

    def test_a_message_that_said_nothing_before(self, say: Say, correct: Any, work: Work, memories: Memories):
        [row] = say("Helo")
        work()
        correct(row.pk, content="I live in Bern.")
        work()
        assert memories() == ["I live in Bern"]

    def test_another_sender_takes_what_it_said_along(
        self, said: str, correct: Any, work: Work, memories: Memories
    ):
        correct(said, sender_id="bob")
        assert memories() == []
        work()
        assert (memories(), memories("bob")) == ([], ["I live in Turin"])

    def test_it_is_no_longer_a_users(self, acme: Tenant, said: str, correct: Any, work: Work):
        correct(said, role="assistant")
        work()
        assert not Memory.objects.for_workspace(acme.workspace.pk).exists()

    def test_tags_touch_no_memory(self, said: str, correct: Any, memories: Memories):
        correct(said, tags=["vip"])
        assert memories() == ["I live in Turin"]

    def test_one_that_asked_for_no_memories_gives_none(
        self, say: Say, correct: Any, work: Work, memories: Memories
    ):
        [row] = say("Helo", enabled=False)
        correct(row.pk, content="I live in Bern.")
        work()
        assert memories() == []

    def test_what_was_read_before_is_not_stored(
        self, say: Say, correct: Any, work: Work, scripted: type[Scripted], memories: Memories
    ):
        [row] = say("I live in Turin.")

        def meanwhile(turns: object, known: object) -> list[Add]:
            correct(row.pk, content="I live in Bern.")
            return [Add(memory="Turin", turns=(0,))]

        def again(turns: Sequence[Turn], known: object) -> list[Add]:
            return [Add(memory=turns[0].text, turns=(0,))]

        scripted.steps = [meanwhile, again, again]
        work()
        assert memories() == ["I live in Bern."]

    def test_one_that_breaks_the_extractor_is_passed_over(
        self, said: str, correct: Any, work: Work, scripted: type[Scripted], memories: Memories
    ):
        correct(said, content="poison")
        scripted.steps = [ValueError("bad")] * 6
        work()
        assert memories() == []
        assert {job.state for job in jobs("draw_memories")} == {JobState.DONE}


def test_who_wants_everything_forgotten_means_what_is_hidden_too(
    acme: Tenant, say: Say, work: Work, memories: Memories
):
    say("My name is Ada. I live in Turin.")
    work()
    [second] = say("I live in Bern.")
    work()
    delete_message(workspace_id=acme.workspace.pk, message_id=second.pk)
    assert Memory.objects.for_workspace(acme.workspace.pk).hidden().exists()
    say("Delete all my memories.")
    follow_changes()
    draw_memories(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk)
    work()
    assert memories() == []
    assert not Memory.objects.for_workspace(acme.workspace.pk).exists()
