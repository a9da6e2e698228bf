"""Deleting rows by a statement that names their tenant, after what other apps keep of them.

Django's collector follows relations by id alone, so it serves other apps only: rows of a host that refer to
ours, with the CASCADE, PROTECT or SET_NULL that the host chose. Whoever listens for `pre_delete` or
`post_delete` of a model of ours hears of every row.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import ForeignObjectRel, Model, RestrictedError
from django.db.models.deletion import Collector
from django.db.models.signals import post_delete, pre_delete

from messaging.index.querysets import StoreQuerySet

from .bulk import batches

OURS = ("parley", "parley_threads")
"""Labels of the apps whose rows the services delete themselves."""


def remove_rows(rows: StoreQuerySet[Any]) -> int:
    """Delete these rows of one model, in the caller's transaction; returns how many there were.

    What refers to them among our own tables must be gone. Raises ProtectedError and RestrictedError where a
    host's relation forbids it.
    """
    model: type[Model] = rows.model
    if not _relations(model) and not _is_listened_to(model):
        return rows.delete_rows()
    loaded = list(rows) if _is_listened_to(model) else list(rows.only("pk"))
    return sum(_remove_batch(rows, batch) for batch in batches(loaded))


def _remove_batch(rows: StoreQuerySet[Any], batch: Sequence[Model]) -> int:
    model: type[Model] = rows.model
    told = {"sender": model, "using": rows.db, "origin": rows}
    for row in batch:
        pre_delete.send(instance=row, **told)
    _let_go(batch, _relations(model), rows.db)
    number = rows.order_by().filter(pk__in=[row.pk for row in batch]).delete_rows()
    for row in batch:
        post_delete.send(instance=row, **told)
    return number


def _let_go(batch: Sequence[Model], relations: Sequence[ForeignObjectRel], using: str) -> None:
    """Do to the rows of other apps what their relations to these rows ask for."""
    collector = Collector(using=using)
    for relation in relations:
        field: Any = relation.field  # the stubs know no `on_delete` of it
        related = relation.related_model._base_manager.using(using).filter(**{f"{field.name}__in": batch})
        on_delete = field.remote_field.on_delete
        # Some handlers take a queryset that nobody has run; the others are called for rows that there are.
        if getattr(on_delete, "lazy_sub_objs", False) or related:
            on_delete(collector, field, related, using)
    _require_unrestricted(collector)
    collector.delete()


def _require_unrestricted(collector: Collector) -> None:
    """Raise RestrictedError for rows under RESTRICT that do not go with others, as the collector does."""
    for model, instances in collector.data.items():
        collector.clear_restricted_objects_from_set(model, set(instances))
    for rows in collector.fast_deletes:
        collector.clear_restricted_objects_from_queryset(rows.model, rows)
    restricted = {
        row
        for by_field in collector.restricted_objects.values()
        for rows in by_field.values()
        for row in rows
    }
    if restricted:
        raise RestrictedError("Rows of another app refer to what was to be deleted", restricted)


@cache
def _relations(model: type[Model]) -> tuple[ForeignObjectRel, ...]:
    """How models of other apps refer to this one."""
    fields = model._meta.get_fields(include_hidden=True)
    relations = (field for field in fields if isinstance(field, ForeignObjectRel))
    return tuple(
        relation
        for relation in relations
        if (relation.one_to_many or relation.one_to_one)
        and relation.related_model._meta.app_label not in OURS
    )


def _is_listened_to(model: type[Model]) -> bool:
    return bool(pre_delete.has_listeners(model) or post_delete.has_listeners(model))
