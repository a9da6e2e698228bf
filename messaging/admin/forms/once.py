"""Rows with a secret: it is shown once, and a form that is sent twice makes one row."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.core import signing
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from messaging.admin.pages import page_of
from messaging.admin.typed import Context, Row
from messaging.sql.fields import IdField
from messaging.values.ids import new_id

from .saving import ServiceAdmin
from .versioned import VersionedForm

PROMISE = "parley.admin.promised"
"""Salt of the signature, which proves that the server chose the id."""
SECRET = "secret_of_answer"  # noqa: S105  a name

Made = TypeVar("Made", bound=Model)


class PromisingForm(VersionedForm[Row]):
    """Carries the id that a new row will have."""

    @property
    def promise(self) -> str:
        """The id, signed, for the page."""
        return str(self.data.get("promise") or _promised(self.instance))


def promised_id(model: type[Model], data: Mapping[str, str]) -> str | None:
    """The id that a sent form promised its row; None where it promised none."""
    try:
        return str(signing.loads(data.get("promise", ""), salt=_salt(model)))
    except signing.BadSignature:
        return None


def with_secret(row: Made, secret: str) -> Made:
    """The new row, which keeps its secret for the page of this request."""
    vars(row)[SECRET] = secret
    return row


class ShownOnce(ServiceAdmin[Row]):
    """A new secret is shown in the answer to the POST that made it, and nowhere else.

    The templates `<model>/secret.html` and `<model>/made_already.html` say what it is for.
    """

    made: ClassVar[Any]
    made_already: ClassVar[Any]
    """Titles of the pages."""

    def about_secret(self, request: HttpRequest, obj: Row, secret: str) -> Context:
        """What else its page shows."""
        return {}

    def render_change_form(
        self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if kwargs.get("add"):  # a new row has a page of its own, the only one that shows its secret
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if object_id is None and (made := self._made(request)):
            return self._page_of(request, "made_already", str(self.made_already), made, {})
        return super().changeform_view(request, object_id, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Row, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self.show_once(request, obj, vars(obj)[SECRET], str(self.made))

    def show_once(self, request: HttpRequest, obj: Row, secret: str, title: str) -> HttpResponse:
        """The page that shows a secret."""
        about = {"secret": secret, **self.about_secret(request, obj, secret)}
        response = self._page_of(request, "secret", title, obj, about)
        response["Cache-Control"] = "no-store"
        return response

    def _made(self, request: HttpRequest) -> Row | None:
        """The row that this form has made before, if it has."""
        promised = promised_id(self.model, request.POST) if self.has_add_permission(request) else None
        return self.get_object(request, promised) if promised else None

    def _page_of(self, request: HttpRequest, name: str, title: str, obj: Row, about: Context) -> HttpResponse:
        url = page_of(request, self.admin_site, self.model, obj.pk)
        return self.page(request, f"{self.opts.model_name}/{name}", title, made=obj, url=url, **about)


def _promised(row: Model) -> str:
    key = cast(IdField, row._meta.pk)
    return signing.dumps(new_id(key.prefix), salt=_salt(type(row)))


def _salt(model: type[Model]) -> str:
    return f"{PROMISE}.{model._meta.model_name}"
