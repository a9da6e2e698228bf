"""What staff do to keys, one or many: revoke and delete them."""

from collections.abc import Collection, Mapping

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.actions.bulk import BulkAction, Deletion, singly
from messaging.admin.typed import StrOrPromise
from messaging.models import ApiKey
from messaging.services import BulkOutcome, delete_api_key, update_api_key
from messaging.values.choices import KeyStatus

REVOKED = {"status": KeyStatus.INACTIVE}


def revoke(workspace_id: str, ids: Collection[str]) -> BulkOutcome:
    """Those that are revoked already stay as they are."""
    active = ApiKey.objects.for_workspace(workspace_id).filter(pk__in=ids, status=KeyStatus.ACTIVE)
    act = singly(lambda workspace, pk: update_api_key(workspace_id=workspace, api_key_id=pk, changes=REVOKED))
    return act(workspace_id, list(active.values_list("pk", flat=True)))


def last_uses(keys: QuerySet[ApiKey]) -> Mapping[StrOrPromise, str]:
    """When each of those that are not revoked was used, under its name."""
    return {
        _named(key): _last_use(key)
        for key in keys.filter(status=KeyStatus.ACTIVE).select_related("workspace")
    }


def _named(key: ApiKey) -> SafeString:
    """Whose names are of any direction of writing."""
    key_, workspace = (format_html("<bdi>{}</bdi>", name) for name in (key, key.workspace))
    return format_html(gettext("{key} of {workspace}"), key=key_, workspace=workspace)


def _last_use(key: ApiKey) -> str:
    moment = key.last_used_at
    if moment is None:
        return gettext("never used")
    return gettext("last used %(when)s") % {"when": date_format(localtime(moment), "DATETIME_FORMAT")}


REVOKE_KEYS = BulkAction(
    name="revoke",
    verb=_("Revoke"),
    past=_("Revoked"),
    perform=revoke,
    counts=last_uses,
    warning=_("From the next request on these keys are refused wherever they are used."),
    is_destructive=True,
    logged=_("Revoked."),
)
DELETE_KEYS = Deletion(
    perform=singly(lambda workspace, pk: delete_api_key(workspace_id=workspace, api_key_id=pk)),
)
