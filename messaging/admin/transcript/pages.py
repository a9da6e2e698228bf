"""The pages of the transcript, as mixins of the admins of conversations and of messages."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext

from messaging.admin.display import Shown, shown_json
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Row
from messaging.models import Conversation, Message
from messaging.rights import EXPORT, REDACT

from .page import entries_of, transcript_page
from .position import EXCERPT, position_of
from .reader import Reader, may_read_messages


class _TranscriptPage(StaffAdmin[Row]):
    """Base of the pages, which need the right to see the row and the right to see messages."""

    def may_read(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and may_read_messages(request.user)

    def reader(self, request: HttpRequest, limit: int | None = EXCERPT) -> Reader:
        return Reader(request.user, self.admin_site.name, limit)


class TranscriptPages(_TranscriptPage[Conversation]):
    """For the admin of conversations: `<id>/transcript/`, to which its list leads."""

    def get_urls(self) -> list[URLPattern]:
        return [self.row_path("transcript", self.transcript_view, self.may_read), *super().get_urls()]

    def transcript_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """A page of the conversation. `position_of` documents the query string."""
        messages = Message.objects.for_workspace(conversation.workspace_id).in_conversation(conversation.pk)
        reader = self.reader(request)
        return self.page(
            request,
            "conversation/transcript",
            str(conversation),
            conversation=conversation,
            page=transcript_page(conversation, position_of(messages, request.GET), reader),
            tools=_tools(reader, conversation, may_change=self.has_change_permission(request, conversation)),
            remarks=_remarks(conversation),
            holder_url=reader.run(conversation.active_run) if conversation.active_run else "",
        )


class MessagePages(_TranscriptPage[Message]):
    """For the admin of messages: `<id>/open/`, the permalink, and `<id>/whole/`, where nothing is cut."""

    def get_urls(self) -> list[URLPattern]:
        views = {"open": self.open_view, "whole": self.whole_view}
        own = [self.row_path(name, view, self.may_read) for name, view in views.items()]
        return [*own, *super().get_urls()]

    def open_view(self, request: HttpRequest, message: Message) -> HttpResponse:
        """Redirects to the message in the transcript of its conversation."""
        transcript = self.reader(request).transcript(message.conversation_id, message=message.pk)
        return HttpResponseRedirect(f"{transcript}#{message.pk}")

    def whole_view(self, request: HttpRequest, message: Message) -> HttpResponse:
        """The message alone, however long it is."""
        [entry] = entries_of([message], [message], self.reader(request, limit=None))
        steps = [(gettext("In its conversation"), entry.permalink)]
        title = gettext("Message %(id)s") % {"id": message.pk}
        return self.page(request, "conversation/transcript_whole", title, steps=steps, entry=entry)


def _tools(reader: Reader, conversation: Conversation, *, may_change: bool) -> list[tuple[str, str]]:
    """What this reader may do with the conversation: names and addresses."""
    key = conversation.pk
    back = {"next": reader.transcript(key)}
    tools = [
        (
            gettext("Edit") if may_change else gettext("Details"),
            reader.page("parley_conversation_change", key, **back),
        ),
        (gettext("Export"), reader.page_if(EXPORT, "parley_conversation_export", key)),
        (capfirst(gettext("Redact")), reader.page_if(REDACT, "parley_conversation_redact", key, **back)),
        (gettext("History"), reader.page("parley_conversation_history", key)),
    ]
    return [(name, url) for name, url in tools if url]


def _remarks(conversation: Conversation) -> list[tuple[str, Shown]]:
    """Values that are folded at the top."""
    values = {gettext("Meta data"): conversation.meta_data, gettext("Settings"): conversation.settings}
    return [(name, shown_json(value, EXCERPT)) for name, value in values.items() if value]
