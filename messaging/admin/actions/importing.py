"""The page that imports a file."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib.admin.models import CHANGE
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path

from messaging.admin.log import log, names_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context
from messaging.conf import parley_settings
from messaging.models import Conversation, Workspace
from messaging.rights import REDACT, Person, reachable_workspaces, visible_to
from messaging.services import Writer
from messaging.transfer.importing import Rejection, Report, import_stream
from messaging.transfer.source import SourceBroken, Unusable, chunks_of

ADD = "parley.add_conversation"
REVISE = ("parley.change_conversation", "parley.change_message", REDACT)
REJECTIONS_SHOWN = 100
FORMATS = (
    ("auto", "Told by the content"),
    ("parley", "Export of Parley"),
    ("openai", "OpenAI chat messages"),
    ("chatgpt", "Export of a ChatGPT account"),
)


class ImportForm(forms.Form):
    workspace = forms.ModelChoiceField(queryset=Workspace.objects.none())
    file = forms.FileField()
    source_format = forms.ChoiceField(label="Format", choices=FORMATS, initial="auto")

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Workspace]", self.fields["workspace"])
        choice.queryset = visible_to(user, Workspace.objects.all())
        limit = filesizeformat(parley_settings().import_bytes)
        self.fields["file"].help_text = (
            f"JSON, JSON lines, gzip, or the zip archive of an account; at most {limit} unpacked. "
            "Larger files: manage.py import_conversations FILE --workspace SLUG"
        )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = parley_settings().import_bytes
        if file.size is None or file.size > limit:
            raise forms.ValidationError(f"This is more than {filesizeformat(limit)}.", code="too_large")
        return file


class ImportPage(StaffAdmin[Conversation]):
    """A list of conversations with a page that imports more."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="parley_conversation_import"), *super().get_urls()]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whether the user may add conversations from a file."""
        return bool(request.user.has_perm(ADD))

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        extra = {"has_import_permission": self.has_import_permission(request)} | (extra_context or {})
        return super().changelist_view(request, extra)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Asks for a file, imports it, and reports the outcome."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None, user=request.user)
        outcome = _outcome(request, form) if form.is_valid() else {}
        context = {"form": form, "media": self.media, **outcome}
        return self.page(request, "conversation/import", "Import conversations", **context)


def _outcome(request: HttpRequest, form: ImportForm) -> Context:
    rejections: list[Rejection] = []

    def rejected(rejection: Rejection) -> None:
        if len(rejections) < REJECTIONS_SHOWN:
            rejections.append(rejection)

    try:
        report = _imported(request, form, rejected)
    except (Unusable, SourceBroken) as reason:
        form.add_error("file", str(reason))
        return {"rejections": rejections}
    workspace, name = form.cleaned_data["workspace"], form.cleaned_data["file"].name
    log(request.user, Workspace, names_of([workspace]), CHANGE, f"Imported {name[:100]}: {report}.")
    return {"report": report, "rejections": rejections, "workspace": workspace}


def _imported(request: HttpRequest, form: ImportForm, rejected: Callable[[Rejection], None]) -> Report:
    given, limit = form.cleaned_data, parley_settings().import_bytes
    return import_stream(
        chunks_of(given["file"].open(), limit=limit),
        workspace_id=given["workspace"].pk,
        writer=Writer(),
        source_format=given["source_format"],
        # A kept id would reveal whether a workspace that this person cannot see uses it.
        keeps_ids=reachable_workspaces(request.user) is None,
        # Who may only add changes nothing that is there.
        revises=request.user.has_perms(REVISE),
        on_rejection=rejected,
    )
