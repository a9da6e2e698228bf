"""`read_changes`: pages, filters, positions, and what is said of a position that is of no use."""

import pytest

from messaging.changes import Position, current_position, read_changes
from messaging.changes import reading as module
from messaging.exceptions import InvalidPosition, ResyncNeeded
from messaging.models import Change
from tests.cast import Tenant
from tests.changes.test_record import append


@pytest.fixture
def start(acme: Tenant) -> str:
    """A position behind what the cast wrote."""
    return read_changes(workspace_id=acme.workspace.pk).next_position


pytestmark = pytest.mark.django_db(transaction=True)


def numbers(page) -> list[int]:
    return [change.first_seq for change in page.changes]


def test_changes_come_in_their_order(acme: Tenant, start):
    for content in "abc":
        append(acme, content)
    page = read_changes(workspace_id=acme.workspace.pk, after=start)
    assert (numbers(page), page.has_more) == ([3, 4, 5], False)


def test_from_the_beginning_without_a_position(acme: Tenant):
    kinds = [change.kind for change in read_changes(workspace_id=acme.workspace.pk).changes]
    assert kinds == ["workspace.created", "conversation.created", "messages.created"]


def test_pages_meet_without_a_gap(acme: Tenant, start):
    for content in "abcdefg":
        append(acme, content)
    seen, position, more = [], start, True
    while more:
        page = read_changes(workspace_id=acme.workspace.pk, after=position, limit=3)
        seen += numbers(page)
        position, more = page.next_position, page.has_more
    assert seen == [3, 4, 5, 6, 7, 8, 9]
    assert numbers(read_changes(workspace_id=acme.workspace.pk, after=position)) == []


def test_a_full_page_at_the_end_has_no_more(acme: Tenant, start):
    append(acme, "a")
    append(acme, "b")
    assert not read_changes(workspace_id=acme.workspace.pk, after=start, limit=2).has_more
    assert read_changes(workspace_id=acme.workspace.pk, after=start, limit=1).has_more


def test_the_end_is_asked_again(acme: Tenant, start):
    append(acme, "a")
    end = read_changes(workspace_id=acme.workspace.pk, after=start).next_position
    append(acme, "b")
    assert numbers(read_changes(workspace_id=acme.workspace.pk, after=end)) == [4]


def test_a_change_is_a_position(acme: Tenant, start):
    for content in "ab":
        append(acme, content)
    first, second = read_changes(workspace_id=acme.workspace.pk, after=start).changes
    after = str(first.position)
    assert [change.pk for change in read_changes(workspace_id=acme.workspace.pk, after=after).changes] == [
        second.pk
    ]
    assert str(first.position) < str(second.position)


def test_a_position_of_a_row_by_itself_is_the_same(acme: Tenant):
    page = read_changes(workspace_id=acme.workspace.pk)
    for change in page.changes:
        assert Change.objects.for_workspace(acme.workspace.pk).get(pk=change.pk).position == change.position


def test_the_current_position_is_behind_everything(acme: Tenant):
    position = current_position()
    assert read_changes(workspace_id=acme.workspace.pk, after=position).changes == []
    append(acme, "a")
    assert numbers(read_changes(workspace_id=acme.workspace.pk, after=position)) == [3]


def test_a_workspace_sees_its_own_alone(acme: Tenant, globex: Tenant, start):
    append(globex, "not yours")
    append(acme, "a")
    page = read_changes(workspace_id=acme.workspace.pk, after=start)
    assert {change.workspace_id for change in page.changes} == {acme.workspace.pk}
    assert read_changes(workspace_id="wsp_unknown").changes == []


def test_kinds_and_a_conversation_narrow(acme: Tenant):
    def kinds(**narrowed: object) -> list[str]:
        page = read_changes(workspace_id=acme.workspace.pk, **narrowed)  # type: ignore[arg-type]
        return [change.kind for change in page.changes]

    assert kinds(kinds=["messages.created"]) == ["messages.created"]
    assert kinds(conversation_id=acme.conversation.pk) == ["conversation.created", "messages.created"]
    assert kinds(conversation_id=acme.conversation.pk, kinds=["workspace.created"]) == []
    assert kinds(kinds=[]) == []


def test_a_page_looks_at_so_many_changes_and_goes_on_from_there(acme: Tenant, start, monkeypatch):
    monkeypatch.setattr(module, "MOST_SCANNED", 2)
    for content in "abcd":
        append(acme, content)
    wanted = {"workspace_id": acme.workspace.pk, "kinds": ["run.created"], "limit": 1}
    first = read_changes(**wanted, after=start)
    assert (first.changes, first.has_more) == ([], True)
    second = read_changes(**wanted, after=first.next_position)
    assert (second.changes, second.has_more) == ([], False)
    append(acme, "e")
    rest = read_changes(workspace_id=acme.workspace.pk, after=second.next_position)
    assert numbers(rest) == [7]


@pytest.mark.parametrize("text", ["", "x", "chg_", "chg_zz", "7", "chg_" + "0" * 40, "chg_é", "\x00"])
def test_any_other_text_is_refused(acme: Tenant, text):
    with pytest.raises(InvalidPosition):
        read_changes(workspace_id=acme.workspace.pk, after=text)


def test_a_mistyped_position_is_refused(acme: Tenant, start):
    for place in (5, 20, 43):
        digit = "1" if start[place] != "1" else "2"
        with pytest.raises(InvalidPosition):
            read_changes(workspace_id=acme.workspace.pk, after=start[:place] + digit + start[place + 1 :])


def test_a_position_of_another_epoch_needs_a_resync(acme: Tenant, start):
    foreign = str(Position.of(start)._replace(epoch="0" * 12))
    with pytest.raises(ResyncNeeded) as error:
        read_changes(workspace_id=acme.workspace.pk, after=foreign)
    assert read_changes(workspace_id=acme.workspace.pk, after=error.value.position).changes == []


def test_a_position_ahead_of_the_store_needs_a_resync(acme: Tenant, start):
    """As after a restore that began no epoch: these numbers will be handed out again."""
    position = Position.of(start)
    ahead = str(position._replace(xid=position.xid + 10_000, id=position.id + 10_000))
    with pytest.raises(ResyncNeeded):
        read_changes(workspace_id=acme.workspace.pk, after=ahead)
