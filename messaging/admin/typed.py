"""Classes of Django that are generic in the stubs, subscriptable at run time as well."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.core.paginator import Paginator
from django.db import models
from django.forms import BaseInlineFormSet, ModelForm
from django.utils.functional import Promise

Row = TypeVar("Row", bound=models.Model)
Context = dict[str, Any]
"""What a template is given, by name."""

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as StrOrPromise

    TypedAdmin = admin.ModelAdmin
    TypedBase = BaseModelAdmin
    TypedInline = admin.TabularInline
    TypedForm = ModelForm
    TypedFormSet = BaseInlineFormSet
    TypedPaginator = Paginator
else:
    StrOrPromise = str | Promise
    """A text, or one that is translated when it is shown."""

    def _subscriptable(django_class):
        """The class, where `Class[Row]` means the class itself."""
        return type(django_class)(
            django_class.__name__,
            (django_class,),
            {"__class_getitem__": classmethod(lambda cls, row: cls), "__module__": __name__},
        )

    TypedAdmin = _subscriptable(admin.ModelAdmin)
    TypedBase = _subscriptable(BaseModelAdmin)
    TypedInline = _subscriptable(admin.TabularInline)
    TypedForm = _subscriptable(ModelForm)
    TypedFormSet = _subscriptable(BaseInlineFormSet)
    TypedPaginator = _subscriptable(Paginator)
