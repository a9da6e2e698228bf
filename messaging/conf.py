"""The settings of the app: one dict `PARLEY` in the host's settings, read into a frozen dataclass.

Keys of the dict are the field names in capitals. A wrong key or value is a system check error.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.conf import settings as django_settings
from django.core.files.storage import Storage, storages
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ParleySettings:
    """What a host may decide. Every attribute is followed by what it means."""

    max_body_bytes: int = 10 * 1024 * 1024
    """Largest request body; a larger one is answered 413."""

    max_batch: int = 1_000
    """Most messages that one create call may carry."""

    max_depth: int = 100
    """Deepest nesting of arrays and objects in a request body."""

    count_ceiling: int = 10_000
    """Up to how many matches a filtered list is counted exactly; above that PostgreSQL estimates."""

    indexed_text_bytes: int = 64 * 1024
    """How many bytes of a text, folded and in UTF-8, a search looks at: the beginning of a longer one."""

    rate_limit: str | None = None
    """Requests per API key, as `600/minute` (second, minute, hour or day); None for no limit."""

    idempotency_hours: int = 24
    """How long the answer to an `Idempotency-Key` is kept, at least."""

    last_used_seconds: int = 60
    """At most once in this many seconds the use of a key is written down."""

    read_your_writes: int | None = 5
    """For so many seconds after a key wrote, its requests read from the writer; None for no such time. It
    matters behind a router that reads from replicas, and is noted in Django's default cache."""

    changes_kept_days: int = 7
    """How long changes are kept for readers; one whose position is older reads the state anew."""

    echo_invalid_input: bool = True
    """Whether 422 bodies repeat the refused value as `input`, as FastAPI does."""

    object_threshold_bytes: int = 32 * 1024
    """A tool argument, output, datum or image of more bytes is kept in a storage, and not in its row."""

    object_storage: str = "default"
    """Name in Django's STORAGES of the storage for them."""

    inline_objects_bytes: int = 32 * 1024 * 1024
    """Up to how many bytes of stored images one answer repeats in message contents; the rest are links."""

    import_bytes: int = 32 * 1024 * 1024
    """Largest file that the import page of the admin takes, unpacked; the command takes any."""

    run_seconds: int = 600
    """How long a run may hold its thread; each write of the run starts the time anew."""

    job_lease_seconds: int = 30
    """How long a worker may be silent before others take its jobs over; it prolongs its leases in time."""

    jobs_kept_days: int = 7
    """For how many days a job that has ended stays in the table."""

    webhook_networks: tuple[str, ...] = ()
    """Networks, such as `10.0.0.0/8`, that webhooks may be sent to though they are not public; there `http`
    will do, elsewhere it takes `https`."""

    webhook_threads: int = 16
    """How many webhooks one worker sends to at the same time."""

    webhook_timeout_seconds: int = 15
    """How long an endpoint may take to answer, from the connection to the end of the answer."""

    webhook_messages: str = "messaging.api.messages.outputs.messages_of"
    """Function from a workspace id and message ids to the messages that `include=messages` adds, as JSON
    values; a dotted path."""

    deliveries_kept_days: int = 7
    """For how many days an attempt to send to a webhook stays in its list."""

    prepared_statements: bool = False
    """Whether PostgreSQL prepares what every request runs, once a connection; not behind a pooler of
    transactions."""

    authentication: str = "messaging.wire.auth.ApiKeyAuthentication"
    """DRF authentication class of the wires, as a dotted path."""

    access: str = "messaging.wire.auth.access_of_api_key"
    """Function from the authenticated DRF request to its `Access`: which workspace, which permissions."""


@cache
def parley_settings() -> ParleySettings:
    """The settings in force. Unknown keys are ignored here and reported by the checks."""
    known = {field.name for field in fields(ParleySettings)}
    given: dict[str, Any] = getattr(django_settings, "PARLEY", {})
    return ParleySettings(**{key.lower(): value for key, value in given.items() if key.lower() in known})


def object_storage() -> Storage:
    """Where large objects are kept."""
    return storages[parley_settings().object_storage]


def _reread(*, setting: str, **kwargs: Any) -> None:
    if setting == "PARLEY":
        parley_settings.cache_clear()


setting_changed.connect(_reread)
