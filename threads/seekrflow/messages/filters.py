"""The query parameters that narrow a list of messages."""

from messaging.wire.filters import NarrowBy, WireFilterSet
from threads.models import ThreadMessage


class ThreadMessageFilter(WireFilterSet):
    role = NarrowBy("with_role")
    agent_id = NarrowBy("by_agent")
    run_id = NarrowBy("of_run")
    created_after = NarrowBy("created_after")
    created_before = NarrowBy("created_before")
    meta_data = NarrowBy("with_meta_data")

    class Meta:
        model = ThreadMessage
        fields: tuple[str, ...] = ()
