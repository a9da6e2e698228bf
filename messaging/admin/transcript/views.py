"""The pages, as parts of the admins of conversations and of messages."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from messaging.admin.base import ModelAdmin
from messaging.admin.values import Shown, shown_json
from messaging.models import Conversation, Message
from messaging.rights import EXPORT, REDACT

from .page import entries_of, page_of
from .place import place_of
from .reader import Reader, may_read_messages
from .stretch import EXCERPT

__all__ = ["MessagePlaces", "TranscriptPages"]

TEMPLATES = "admin/parley/conversation"


class _TranscriptPage(ModelAdmin):
    """What the pages share: they need the right to see the row, and the right to see messages."""

    def row_to_read(self, request: HttpRequest, object_id: str) -> Any:
        """The row that the address names; None where there is none that this user may see."""
        if not (self.has_view_permission(request) and may_read_messages(request.user)):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def reader(self, request: HttpRequest, limit: int | None = EXCERPT) -> Reader:
        return Reader(request.user, self.admin_site.name, limit)

    def page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"{TEMPLATES}/{template}.html", context)

    def absent(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """As Django answers for a form of a row that is not there."""
        return self._get_obj_does_not_exist_redirect(request, self.opts, unquote(object_id))  # type: ignore[attr-defined,no-any-return]


class TranscriptPages(_TranscriptPage):
    """For the admin of conversations: `<id>/transcript/`, which is where its list leads."""

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.transcript_view)
        return [
            path("<path:object_id>/transcript/", view, name="parley_conversation_transcript"),
            *super().get_urls(),
        ]

    def transcript_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A page of the conversation. See `place_of` for what the query string may ask for."""
        conversation = self.row_to_read(request, object_id)
        if conversation is None:
            return self.absent(request, object_id)
        messages = Message.objects.for_workspace(conversation.workspace_id).in_conversation(conversation.pk)
        place = place_of(messages, request.GET)
        reader = self.reader(request)
        return self.page(
            request,
            "transcript",
            title=str(conversation),
            conversation=conversation,
            page=page_of(conversation, place, reader),
            tools=_tools(reader, conversation, may_change=self.has_change_permission(request, conversation)),
            remarks=_remarks(conversation),
            holder_url=reader.run(conversation.active_run) if conversation.active_run else "",
        )


class MessagePlaces(_TranscriptPage):
    """For the admin of messages: `<id>/open/`, the permalink, and `<id>/whole/`, where nothing is cut."""

    def get_urls(self) -> Any:
        site = self.admin_site
        return [
            path("<path:object_id>/open/", site.admin_view(self.open_view), name="parley_message_open"),
            path("<path:object_id>/whole/", site.admin_view(self.whole_view), name="parley_message_whole"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the place of the message in the transcript of its conversation."""
        message = self.row_to_read(request, object_id)
        if message is None:
            return self.absent(request, object_id)
        transcript = self.reader(request).transcript(message.conversation_id, message=message.pk)
        return HttpResponseRedirect(f"{transcript}#{message.pk}")

    def whole_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The message alone, however long it is."""
        message = self.row_to_read(request, object_id)
        if message is None:
            return self.absent(request, object_id)
        [entry] = entries_of([message], [message], self.reader(request, limit=None))
        return self.page(request, "transcript_whole", title=f"Message {message.pk}", entry=entry)


def _tools(reader: Reader, conversation: Conversation, *, may_change: bool) -> list[tuple[str, str]]:
    """What may be done with the conversation: names and addresses."""
    key = conversation.pk
    back = {"next": reader.transcript(key)}
    found = [
        ("Edit" if may_change else "Details", reader.page("parley_conversation_change", key, **back)),
        ("Export", reader.page_if(EXPORT, "parley_conversation_export", key)),
        ("Redact", reader.page_if(REDACT, "parley_conversation_redact", key, **back)),
        ("History", reader.page("parley_conversation_history", key)),
    ]
    return [(name, url) for name, url in found if url]


def _remarks(conversation: Conversation) -> list[tuple[str, Shown]]:
    """What is folded away at the top."""
    said = {"Meta data": conversation.meta_data, "Settings": conversation.settings}
    return [(name, shown_json(value, EXCERPT)) for name, value in said.items() if value]
