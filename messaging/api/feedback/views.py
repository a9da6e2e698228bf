"""/api/v1/feedback, and the feedback on one message."""

from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import FeedbackNotFound, MessageNotFound
from messaging.index.filters import Equal
from messaging.models import Feedback, Message
from messaging.services import delete_feedback, give_feedback
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from .inputs import FeedbackCreate
from .outputs import FeedbackRead
from .query import FeedbackPagination, FeedbackQuery, MessageFeedbackQuery


class MessageFeedbackViewSet(MieltoViewSet):
    queryset = Feedback.objects.all()
    pagination_class = FeedbackPagination
    not_found = MessageNotFound
    tag = "Feedback"

    @operation(
        "Give Feedback",
        Permission.WRITE,
        status=201,
        answer=FeedbackRead,
        further={"200": FeedbackRead},
        idempotent=True,
    )
    def create(self, message_id: str, body: FeedbackCreate) -> Payload:
        """Say what somebody thinks of a message (201), or think again (200).

        There is one for each message, `name` and user: a further one takes its place.
        """
        writer = self.writer()
        given = body.fields()
        row, is_new = give_feedback(
            workspace_id=self.workspace_id,
            message_id=message_id,
            created_by=writer.owner_id,
            **given | {"user_id": given["user_id"] or writer.user_id},
        )
        return WireResponse(FeedbackRead.of(row), 201 if is_new else 200)

    @operation("List Message Feedback", Permission.READ, answer=PaginatedResponse[FeedbackRead])
    def list(self, message_id: str, query: MessageFeedbackQuery) -> Payload:
        """What is thought of one message, the latest first."""
        page = self.page_of(query, Equal("message_id", message_id))
        if not page.total_count:  # only then can it be that there is no such message
            self.require(Message.objects.all(), MessageNotFound, pk=message_id)
        return PaginatedResponse.of(page, FeedbackRead)


class FeedbackViewSet(MieltoViewSet):
    queryset = Feedback.objects.all()
    pagination_class = FeedbackPagination
    not_found = FeedbackNotFound
    tag = "Feedback"

    @operation("List Feedback", Permission.READ, answer=PaginatedResponse[FeedbackRead])
    def list(self, query: FeedbackQuery) -> Payload:
        """A page of the feedback in the workspace, the latest first unless asked otherwise."""
        return PaginatedResponse.of(self.page_of(query), FeedbackRead)

    @operation("Get Feedback", Permission.READ, answer=FeedbackRead)
    def retrieve(self, feedback_id: str) -> Payload:
        """What somebody thinks of a message."""
        return self.shown(FeedbackRead, feedback_id)

    @operation("Delete Feedback", Permission.WRITE, status=204)
    def destroy(self, feedback_id: str) -> None:
        """Take it back."""
        delete_feedback(workspace_id=self.workspace_id, feedback_id=feedback_id)
