"""A conversation opens as a transcript, the way people read a chat."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from messaging.models import Message
from messaging.services import MessageDraft, give_feedback, update_conversation
from tests.cast import Tenant
from tests.messaging.transcripts import articles, folded, say, transcript

pytestmark = pytest.mark.django_db

CALL = {"id": "call_1", "type": "function", "function": {"name": "hours", "arguments": '{"day": "sunday"}'}}
RESULT = {"tool_call_id": "call_1", "name": "hours"}


def test_it_shows_the_messages_in_their_order(admin_client: Client, acme: Tenant):
    shown = articles(transcript(admin_client, acme))
    assert list(shown) == [acme.question.pk, acme.reply.pk]
    assert "are you open on Sunday?" in shown[acme.question.pk]


def test_the_list_leads_there_and_the_form_back(admin_client: Client, acme: Tenant):
    path = f"/admin/parley/conversation/{acme.conversation.pk}/transcript/"
    assert f'href="{path}' in admin_client.get("/admin/parley/conversation/").content.decode()
    form = admin_client.get(path.replace("transcript", "change")).content.decode()
    assert f'href="{path}"' in form


@pytest.mark.parametrize(
    ("role", "look"), [("user", "user"), ("developer", "system"), ("function", "tool"), ("referee", "other")]
)
def test_each_role_has_its_look_and_its_word(admin_client: Client, acme: Tenant, role: str, look: str):
    [message] = say(acme, MessageDraft(content="x", role=role))
    article = articles(transcript(admin_client, acme))[message.pk]
    assert f"parley-entry parley-{look}" in article
    assert f"<bdi>{role}</bdi>" in article


def test_what_is_thought_of_a_message_stands_below_it(admin_client: Client, acme: Tenant, globex: Tenant):
    on = {"workspace_id": acme.workspace.pk, "message_id": acme.reply.pk}
    give_feedback(**on, value=True, user_id="ada", comment="<b>quick</b>")
    give_feedback(**on, value=0.25, name="helpfulness")
    give_feedback(workspace_id=globex.workspace.pk, message_id=globex.reply.pk, value="hidden")
    shown = articles(transcript(admin_client, acme))
    feedback = re.sub(r"<[^>]+>", "", shown[acme.reply.pk])
    assert "Feedback: rating yes by ada – &lt;b&gt;quick&lt;/b&gt;" in feedback
    assert "Feedback: helpfulness 0.25" in feedback
    assert "Feedback" not in shown[acme.question.pk]


def test_it_says_how_many_tokens_by_whose_count(admin_client: Client, acme: Tenant):
    [message] = say(acme, MessageDraft(content="x" * 40, token_count=7))
    shown = re.sub(r"<[^>]+>", "", articles(transcript(admin_client, acme))[message.pk])
    assert "Tokens7 (writer)" in shown


def test_days_stand_between_messages(admin_client: Client, acme: Tenant):
    say(
        acme,
        MessageDraft(content="older", created_at=datetime(2024, 5, 3, 12, tzinfo=UTC)),
        MessageDraft(content="old", created_at=datetime(2024, 5, 4, 12, tzinfo=UTC)),
    )
    days = re.findall(r'parley-day"><time datetime="([\d-]+)"', transcript(admin_client, acme))
    assert days[-2:] == ["2024-05-03", "2024-05-04"]


def test_a_result_is_folded_under_its_call_with_arguments_indented(admin_client: Client, acme: Tenant):
    call, result = say(
        acme,
        MessageDraft(content="", role="assistant", tool_calls=[CALL]),
        MessageDraft(content='{"from": 10}', role="tool", meta_data=RESULT),
    )
    page = transcript(admin_client, acme)
    assert result.pk not in articles(page)
    shown = articles(page)[call.pk]
    assert "{\n  &quot;day&quot;: &quot;sunday&quot;\n}" in shown
    assert "{\n  &quot;from&quot;: 10\n}" in folded(shown)[result.pk]


def test_an_id_that_is_used_again_names_the_last_call(admin_client: Client, acme: Tenant):
    first, _, second, _ = say(
        acme,
        MessageDraft(content="", role="assistant", tool_calls=[CALL]),
        MessageDraft(content="10 to 16", role="tool", meta_data=RESULT),
        MessageDraft(content="", role="assistant", tool_calls=[CALL]),
        MessageDraft(content="closed", role="tool", meta_data=RESULT),
    )
    shown = articles(transcript(admin_client, acme))
    assert ("10 to 16" in shown[first.pk], "closed" in shown[first.pk]) == (True, False)
    assert ("10 to 16" in shown[second.pk], "closed" in shown[second.pk]) == (False, True)


def test_a_result_that_came_in_before_its_call_is_folded_too(admin_client: Client, acme: Tenant):
    result, call = say(
        acme,
        MessageDraft(content="10 to 16", role="tool", meta_data=RESULT),
        MessageDraft(content="", role="assistant", tool_calls=[CALL]),
    )
    shown = articles(transcript(admin_client, acme))
    assert result.pk not in shown
    assert "10 to 16" in shown[call.pk]


def test_a_result_without_its_call_stands_for_itself(admin_client: Client, acme: Tenant):
    [result] = say(acme, MessageDraft(content="lonely", role="tool", meta_data=RESULT))
    shown = articles(transcript(admin_client, acme))[result.pk]
    assert "lonely" in shown
    assert f"call=call_1&amp;before={result.seq}" in shown


def test_replies_are_linked_both_ways(admin_client: Client, acme: Tenant):
    [reply] = say(acme, MessageDraft(content="To that.", parent_message_id=acme.question.pk))
    shown = articles(transcript(admin_client, acme))
    assert f"/admin/parley/message/{reply.pk}/open/" in shown[acme.question.pk]
    assert f"/admin/parley/message/{acme.question.pk}/open/" in shown[reply.pk]


def test_a_parent_that_is_not_there_is_named_and_not_linked(
    admin_client: Client, acme: Tenant, globex: Tenant
):
    [reply] = say(acme, MessageDraft(content="To that.", parent_message_id=globex.question.pk))
    shown = articles(transcript(admin_client, acme))[reply.pk]
    assert globex.question.pk in shown
    assert f"{globex.question.pk}/open/" not in shown
    assert "globex" not in shown


def test_tags_meta_data_type_and_errors_are_shown(admin_client: Client, acme: Tenant):
    [message] = say(
        acme, MessageDraft(content="No!", message_type="error", tags=["torn"], meta_data={"channel": "mail"})
    )
    shown = articles(transcript(admin_client, acme))[message.pk]
    assert 'parley-badge-error">error' in shown
    assert '<bdi class="parley-tag">torn</bdi>' in shown
    assert "&quot;channel&quot;: &quot;mail&quot;" in shown


def test_what_an_account_hid_is_shown_as_such(admin_client: Client, acme: Tenant):
    marks = {"hidden": True, "weight": 0, "status": "in_progress"}
    imported, own = say(
        acme,
        MessageDraft(content="x", meta_data={**marks, "chatgpt": {"id": "n"}}),
        MessageDraft(content="y", meta_data=marks),
    )
    shown = articles(transcript(admin_client, acme))
    for mark in ("hidden", "weight 0", "in_progress"):
        assert f'<bdi class="parley-badge">{mark}</bdi>' in shown[imported.pk]
    assert "parley-badge" not in shown[own.pk]


def test_what_was_superseded_is_folded_and_leads_to_what_took_its_place(admin_client: Client, acme: Tenant):
    [anew] = say(acme, MessageDraft(role="assistant", content="Until four.", supersedes=acme.reply.pk))
    shown = articles(transcript(admin_client, acme))
    assert "<summary>Superseded</summary>" in shown[acme.reply.pk]
    assert f"{anew.pk}/" in shown[acme.reply.pk]
    assert "Superseded" not in shown[anew.pk]
    assert "<details open" not in shown[acme.reply.pk]
    asked_for = articles(transcript(admin_client, acme, message=acme.reply.pk))
    assert '<details class="parley-remarks" open>' in asked_for[acme.reply.pk]


def test_a_file_is_shown_with_the_name_that_a_person_gave_it(admin_client: Client, acme: Tenant):
    file = {"type": "file", "file_id": "file-service://file-1", "name": "contract.pdf"}
    [message] = say(acme, MessageDraft(content="See", attachments=[file]))
    assert "<code><bdi>contract.pdf</bdi></code>" in articles(transcript(admin_client, acme))[message.pk]


def test_the_head_says_whose_it_is_and_what_is_known_of_it(admin_client: Client, acme: Tenant):
    update_conversation(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        changes={"summary": "About Sundays", "collections": ["faq"], "meta_data": {"plan": "pro"}},
    )
    page = transcript(admin_client, acme)
    for text in ("acme opening hours", "acme-customer", "About Sundays", "faq", "&quot;plan&quot;"):
        assert text in page


def test_a_search_shows_what_contains_the_text_and_marks_it(admin_client: Client, acme: Tenant):
    page = transcript(admin_client, acme, q="SUNDAY")
    assert list(articles(page)) == [acme.question.pk]
    assert "<mark>Sunday</mark>" in page


def test_a_search_shows_the_place_where_a_long_message_has_the_text(admin_client: Client, acme: Tenant):
    [message] = say(acme, MessageDraft(content="x" * 50_000 + " the needle " + "y" * 50_000))
    shown = articles(transcript(admin_client, acme, q="needle"))
    assert "<mark>needle</mark>" in shown[message.pk]
    assert len(shown[message.pk]) < 10_000


def test_a_search_opens_the_fold_that_holds_what_it_found(admin_client: Client, acme: Tenant):
    call = {"id": "c", "function": {"name": "find", "arguments": '{"x": 1}'}}
    answers = {"tool_call_id": "c"}
    calling, result, other = say(
        acme,
        MessageDraft(role="assistant", content="I look for the heron", tool_calls=[call]),
        MessageDraft(role="tool", content='{"bird":"a grey heron"}', meta_data=answers),
        MessageDraft(role="tool", content='{"bird":"a stork"}', meta_data=answers),
    )
    page = transcript(admin_client, acme, q="HERON")
    assert '<details class="parley-tool" open>' in articles(page)[calling.pk]
    assert "grey <mark>heron</mark>" in page
    assert other.pk not in page
    assert "parley-tool" in transcript(admin_client, acme)
    assert "open>" not in transcript(admin_client, acme)
    for query in ("stork", '{"bird":"a'):  # the second is shown with another space
        assert '<details class="parley-tool" open>' in transcript(admin_client, acme, q=query)
    assert 'parley-tool" open' not in transcript(admin_client, acme, q="look for")
    assert result.pk in transcript(admin_client, acme, q="grey")


def test_nothing_found_is_said(admin_client: Client, acme: Tenant):
    assert "No message here contains" in transcript(admin_client, acme, q="wednesday")


def test_an_empty_conversation_is_a_page_too(admin_client: Client, acme: Tenant):
    Message.objects.for_workspace(acme.workspace.pk).delete()
    assert "No messages here." in transcript(admin_client, acme)
