"""/api/v1/conversations/{conversation_id}/transcript"""

from messaging.api.messages.views import LOCKED
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation
from messaging.transcript import Format, transcript_of
from messaging.transcript.storing import store_transcript
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import TextResponse, WireResponse

from .inputs import TranscriptCreate
from .outputs import AnyTranscript, TranscriptStored
from .query import StoreQuery, TranscriptQuery


class TranscriptViewSet(MieltoViewSet):
    queryset = Conversation.objects.all()
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation("Get Transcript", Permission.READ, answer=AnyTranscript, text=True)
    def retrieve(self, conversation_id: str, query: TranscriptQuery) -> Payload:
        """The conversation as the client of a model's provider takes it, whole or a window of it.

        The header `Parley-Omitted` names messages within the window that were left out or lost a part, with
        the reason. `text` is `text/plain`, with `Parley-Token-Count` and `Parley-Omitted-Count`.
        """
        made = transcript_of(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            format=query.format,
            selection=query.selection(),
        )
        if made.omissions:
            self.headers["Parley-Omitted"] = made.omissions.header()
        about = {
            "token_count": made.token_count,
            "omitted": made.omitted,
            "over_budget": made.over_budget,
        }
        if "text" not in made.given:
            return made.given | about
        self.headers["Parley-Token-Count"] = str(made.token_count)
        self.headers["Parley-Omitted-Count"] = str(made.omitted)
        return TextResponse(made.given["text"])

    @operation(
        "Store Transcript",
        Permission.WRITE,
        status=201,
        answer=TranscriptStored,
        further={"200": TranscriptStored},
        conflict=f"{LOCKED}, or the history that was sent is another than the conversation's",
        idempotent=True,
        text=True,
    )
    def create(self, conversation_id: str, query: StoreQuery, body: TranscriptCreate) -> Payload:
        """Store messages in the format in which they are got, all or none; 200 where nothing is new.

        With `mode=reconcile` the body is the whole history, and what the conversation holds is not stored
        again. A history that is another than the conversation's is 409.
        """
        format = Format.known[query.format]()
        stored = store_transcript(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            turns=format.read(body.given_in(format)),
            format=format,
            writer=self.writer(),
            reconcile=query.mode == "reconcile",
        )
        answer = {"message_ids": [row.pk for row in stored.messages], "known": stored.known}
        return WireResponse(answer, 201 if stored.messages else 200)
