"""What Django writes about a tenant's table names the tenant: joins, related rows, and `save`."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models.lookups import Exact
from django.db.models.sql.where import WhereNode

Set = TypeVar("Set")
Get = TypeVar("Get")


class TenantForeignKey(models.ForeignKey[Set, Get]):
    """A reference within a tenant. Joins over it compare the workspace too, in both directions.

    It has neither a constraint nor an index of one column: see `TenantReference` for the one of two.
    """

    def __init__(self, to: Any, **kwargs: Any) -> None:
        own: dict[str, Any] = {"on_delete": models.CASCADE, "db_index": False, "db_constraint": False}
        super().__init__(to, **own | kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """To migrations it is a foreign key as any other."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def get_extra_restriction(self, alias: str, related_alias: str) -> WhereNode:
        """The further condition of a join: `alias` is the table referred to."""
        models: Any = (self.related_model, self.model)  # the stubs take a model for its name too
        theirs, ours = (model._meta.get_field("workspace") for model in models)
        same: Any = Exact(theirs.get_col(alias), ours.get_col(related_alias))
        return WhereNode([same])

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, str]:
        """The further condition by which a row finds the one that it refers to."""
        return {"workspace_id": instance.workspace_id}  # type: ignore[attr-defined]


class TenantModel(models.Model):
    """Base of models whose rows belong to a workspace for good."""

    workspace_id: str

    class Meta:
        abstract = True

    def _do_update(  # type: ignore[override]  # each Django has further arguments
        self, base_qs: models.QuerySet[Any], using: str, pk_val: object, values: Any, *further: Any
    ) -> Any:
        """`save` looks for the row in its workspace, and leaves that column alone."""
        rows = base_qs.filter(workspace_id=self.workspace_id)
        others = [value for value in values if value[0].attname != "workspace_id"]
        return super()._do_update(rows, using, pk_val, others, *further)
