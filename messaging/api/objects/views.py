"""/api/v1/objects"""

from messaging.api.view import MieltoViewSet
from messaging.exceptions import ObjectNotFound
from messaging.models import StoredObject
from messaging.values.choices import Permission
from messaging.wire.downloads import ANSWERS, download
from messaging.wire.operations import Payload, operation


class ObjectViewSet(MieltoViewSet):
    queryset = StoredObject.objects.all()
    not_found = ObjectNotFound
    tag = "Messages"

    @operation("Get Stored Object", Permission.READ, answer=bytes, further=ANSWERS)
    def retrieve(self, object_id: str) -> Payload:
        """The bytes of a large text of an attachment, as a download."""
        return download(self.find(object_id), self.request.headers)
