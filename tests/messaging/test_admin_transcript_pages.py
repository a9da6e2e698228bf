"""Long conversations are paged by number, and a link to a message lands on it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import Message
from messaging.services import MessageDraft
from tests.cast import Tenant
from tests.client import statements
from tests.messaging.transcripts import articles, folded, path_of, say, transcript

pytestmark = pytest.mark.django_db

PAGE = 50


@pytest.fixture
def long(acme: Tenant) -> list[str]:
    """Ids of the messages of acme's conversation, now 200 of them, in their order."""
    said = say(acme, *[MessageDraft(content=f"number {number}") for number in range(198)])
    return [acme.question.pk, acme.reply.pk, *[row.pk for row in said]]


def ways(page: str) -> dict[str, str]:
    """The addresses of the pages that this one leads to, by their names."""
    found = re.findall(r'<a href="([^"]+)"(?: rel="\w+")?>(Oldest|Older|Newer|Newest)', page)
    return {name: url.replace("&amp;", "&") for url, name in found}


def walk(client: Client, page: str, way: str) -> list[list[str]]:
    """The ids on the pages that follow this one, itself first."""
    walked = [list(articles(page))]
    while url := ways(page).get(way):
        page = client.get(url).content.decode()
        walked.append(list(articles(page)))
    return walked


def test_from_the_beginning_page_by_page(admin_client: Client, acme: Tenant, long: list[str]):
    pages = walk(admin_client, transcript(admin_client, acme), "Newer")
    assert pages == [long[start : start + PAGE] for start in range(0, 200, PAGE)]


def test_from_the_end_back(admin_client: Client, acme: Tenant, long: list[str]):
    pages = walk(admin_client, transcript(admin_client, acme, newest=1), "Older")
    assert pages == [long[start : start + PAGE] for start in range(150, -1, -PAGE)]


def test_from_any_page_to_both_ends(admin_client: Client, acme: Tenant, long: list[str]):
    found = ways(transcript(admin_client, acme, after=70))
    assert set(articles(admin_client.get(found["Oldest"]).content.decode())) == set(long[:PAGE])
    assert set(articles(admin_client.get(found["Newest"]).content.decode())) == set(long[-PAGE:])


def test_a_short_conversation_has_no_other_pages(admin_client: Client, acme: Tenant):
    assert "parley-paging" not in transcript(admin_client, acme)


@pytest.mark.parametrize(
    "query",
    [{"after": "x"}, {"before": "-1"}, {"after": "9" * 40}, {"after": "٣"}, {"message": "\0"}, {"q": "\0"}],
)
def test_a_query_that_makes_no_sense_shows_the_beginning(
    admin_client: Client, acme: Tenant, query: dict[str, Any]
):
    assert acme.question.pk in articles(transcript(admin_client, acme, **query))


@pytest.mark.parametrize("query", [{"before": 1}, {"after": 10_000}])
def test_beyond_either_end_there_is_a_way_back(admin_client: Client, acme: Tenant, query: dict[str, Any]):
    page = transcript(admin_client, acme, **query)
    assert articles(page) == {}
    [url] = {url for name, url in ways(page).items() if name in ("Older", "Newer")}
    assert len(articles(admin_client.get(url).content.decode())) == 2


def test_a_permalink_lands_on_its_message(admin_client: Client, acme: Tenant, long: list[str]):
    response = admin_client.get(f"/admin/parley/message/{long[120]}/open/", follow=True)
    [(url, _)] = response.redirect_chain
    assert url == f"{path_of(acme)}?message={long[120]}#{long[120]}"
    shown = articles(response.content.decode())
    assert [name for name, html in shown.items() if "parley-asked-for" in html] == [long[120]]
    assert list(shown) == long[95:145]


def test_a_message_folded_away_is_opened(admin_client: Client, acme: Tenant):
    call, result = say(
        acme,
        MessageDraft(content="", tool_calls=[{"id": "c", "function": {"name": "f", "arguments": "{}"}}]),
        MessageDraft(content="10", role="tool", meta_data={"tool_call_id": "c"}),
    )
    shown = articles(transcript(admin_client, acme, message=result.pk))[call.pk]
    assert re.search(r'<details class="parley-tool" open>', shown)
    assert "parley-asked-for" in folded(shown)[result.pk]
    assert " open>" not in articles(transcript(admin_client, acme))[call.pk]


def test_a_message_of_elsewhere_is_said_not_to_be_there(admin_client: Client, acme: Tenant, globex: Tenant):
    for elsewhere in (globex.question.pk, "msg_nowhere"):
        page = transcript(admin_client, acme, message=elsewhere)
        assert f"<bdi>{elsewhere}</bdi> was not found in this conversation" in page
        assert acme.question.pk in articles(page)


def test_a_result_on_the_next_page_is_folded_under_its_call_and_links_back(
    admin_client: Client, acme: Tenant, long: list[str]
):
    rows = Message.objects.for_workspace(acme.workspace.pk)
    rows.filter(pk=long[PAGE - 1]).update(tool_calls=[{"id": "c", "function": {"name": "f"}}])
    rows.filter(pk=long[PAGE]).update(role="tool", meta_data={"tool_call_id": "c"})
    first, second = (articles(transcript(admin_client, acme, after=seq)) for seq in (0, PAGE))
    assert f"{long[PAGE]}/open/" in first[long[PAGE - 1]]
    assert f"{long[PAGE - 1]}/open/" in second[long[PAGE]]


def test_a_call_far_away_is_looked_for(admin_client: Client, acme: Tenant, long: list[str]):
    rows = Message.objects.for_workspace(acme.workspace.pk)
    rows.filter(pk__in=[long[3], long[5]]).update(tool_calls=[{"id": 'c"%', "function": {"name": "f"}}])
    shown = transcript(admin_client, acme, call='c"%', before=180)
    assert "parley-asked-for" in articles(shown)[long[5]]
    assert "was not found" in transcript(admin_client, acme, call="c", before=180)


def test_a_page_takes_the_same_statements_whatever_it_shows(
    admin_client: Client, acme: Tenant, long: list[str]
):
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(acme.conversation.pk)
    rows.filter(seq__gt=2).update(parent_message_id=acme.question.pk)

    def taken(**query: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            transcript(admin_client, acme, **query)
        return len(statements(context))

    many = {place: taken(**query) for place, query in PLACES.items()}
    rows.filter(seq__gt=10).delete()
    few = {place: taken(**query) for place, query in PLACES.items()}
    assert many == few
    assert max(many.values()) <= 11


PLACES: dict[str, dict[str, Any]] = {
    "beginning": {},
    "middle": {"after": 4},
    "end": {"newest": 1},
    "search": {"q": "number"},
}


def test_a_megabyte_is_cut_with_a_way_to_all_of_it(admin_client: Client, acme: Tenant):
    [message] = say(acme, MessageDraft(content="x" * 1_000_000))
    page = transcript(admin_client, acme)
    assert len(page) < 60_000
    whole = f"/admin/parley/message/{message.pk}/whole/"
    assert whole in articles(page)[message.pk]
    assert "x" * 1_000_000 in admin_client.get(whole).content.decode()


EARLY = "this page ends early"


def large(acme: Tenant, *, in_parts: bool) -> list[str]:
    """Ids of acme's messages, the last ten of them with a thousand bytes of data each."""
    data = [{"type": "data", "data_type": "test", "data": {"x": "y" * 1_000}}]
    drafts = [
        MessageDraft(content="data", parts=data)
        if in_parts
        else MessageDraft(content="data", meta_data={"x": "y" * 1_000})
        for _ in range(10)
    ]
    return [acme.question.pk, acme.reply.pk, *[row.pk for row in say(acme, *drafts)]]


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(("begin", "way"), [({}, "Newer"), ({"newest": 1}, "Older")])
def test_a_page_of_large_messages_ends_early_and_says_how_it_goes_on(
    admin_client: Client, acme: Tenant, settings: Any, in_parts: bool, begin: dict[str, Any], way: str
):
    ids = large(acme, in_parts=in_parts)
    assert EARLY not in transcript(admin_client, acme, **begin)
    settings.PARLEY = {"PAGE_BYTES": 8_000}  # of which each side of a place has half
    page = transcript(admin_client, acme, **begin)
    assert EARLY in page
    pages = walk(admin_client, page, way)
    assert [pk for shown in (pages if way == "Newer" else pages[::-1]) for pk in shown] == ids
    assert [len(shown) for shown in pages] == ([5, 3, 3, 1] if way == "Newer" else [3, 3, 3, 3])


def test_a_message_too_large_for_a_page_has_one(admin_client: Client, acme: Tenant, settings: Any):
    ids = large(acme, in_parts=False)
    settings.PARLEY = {"PAGE_BYTES": 100}
    assert list(articles(transcript(admin_client, acme, message=ids[5]))) == ids[4:6]
    assert walk(admin_client, transcript(admin_client, acme), "Newer")[1:] == [[pk] for pk in ids[2:]]


def test_a_search_of_large_messages_ends_early(admin_client: Client, acme: Tenant, settings: Any):
    ids = large(acme, in_parts=False)
    settings.PARLEY = {"PAGE_BYTES": 8_000}
    pages = walk(admin_client, transcript(admin_client, acme, q="data"), "Newer")
    assert [pk for shown in pages for pk in shown] == ids[2:]
    assert len(pages) == 4


def test_a_run_is_not_said_to_end_where_its_page_does(admin_client: Client, acme: Tenant, settings: Any):
    large(acme, in_parts=False)
    rows = Message.objects.for_workspace(acme.workspace.pk).in_conversation(acme.conversation.pk)
    rows.update(run_id="run_long")
    settings.PARLEY = {"PAGE_BYTES": 100}
    pages = [transcript(admin_client, acme, **asked) for asked in ({"after": 3}, {"newest": 1})]
    assert [("parley-run-ends" in page) for page in pages] == [False, True]
