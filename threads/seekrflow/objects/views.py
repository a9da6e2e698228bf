"""/v1/objects"""

from messaging.exceptions import ObjectNotFound
from messaging.models import StoredObject
from messaging.values.choices import Permission
from messaging.wire.downloads import ANSWERS, download
from messaging.wire.operations import Payload, operation
from threads.seekrflow.view import SeekrFlowViewSet


class ObjectViewSet(SeekrFlowViewSet):
    queryset = StoredObject.objects.all()
    not_found = ObjectNotFound
    tag = "Objects"

    @operation(
        "Get object",
        Permission.READ,
        answer=bytes,
        not_found="Object not found",
        further=ANSWERS,
    )
    def retrieve(self, object_id: str) -> Payload:
        """The bytes of a large value, as a download."""
        return download(self.find(object_id), self.request.headers)
