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
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.log import log, names_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context
from messaging.conf import parley_settings
from messaging.exceptions import StorageUnavailable
from messaging.models import Conversation, Workspace
from messaging.rights import REDACT, Person, reachable_workspaces, visible_to
from messaging.services import Writer
from messaging.transfer.importing import import_file
from messaging.transfer.report import Rejection, Report
from messaging.transfer.source import SourceBroken, Unusable

ADD = "parley.add_conversation"
REVISE = ("parley.change_conversation", "parley.change_message", REDACT)
REJECTIONS_SHOWN = 100
FORMATS = (
    ("auto", _("Told by the content")),
    ("parley", _("Export of Parley")),
    ("openai", _("OpenAI chat messages")),
    ("chatgpt", _("Export of a ChatGPT account")),
    ("claude", _("Export of a Claude account")),
)


class ImportForm(forms.Form):
    workspace = forms.ModelChoiceField(label=_("Workspace"), queryset=Workspace.objects.none())
    file = forms.FileField(label=_("File"))
    source_format = forms.ChoiceField(label=_("Format"), choices=FORMATS, initial="auto")
    user_id = forms.CharField(
        label=_("End user"),
        required=False,
        max_length=255,
        help_text=_("The id of the person whose conversations these are, where the file names nobody."),
    )
    dry_run = forms.BooleanField(
        label=_("Dry run"), required=False, help_text=_("Read and check everything, and store nothing.")
    )

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Workspace]", self.fields["workspace"])
        choice.queryset = visible_to(user, Workspace.objects.all())
        limit = filesizeformat(parley_settings().import_bytes)
        self.fields["file"].help_text = gettext(
            "JSON, JSON lines, gzip, or the zip archive of an account; at most %(limit)s unpacked. Larger"
            " files: manage.py import_conversations FILE --workspace SLUG"
        ) % {"limit": limit}

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = parley_settings().import_bytes
        if file.size is None or file.size > limit:
            too_large = gettext("This is more than %(limit)s.") % {"limit": filesizeformat(limit)}
            raise forms.ValidationError(too_large, code="too_large")
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
        return self.page(request, "conversation/import", gettext("Import conversations"), **context)


def _outcome(request: HttpRequest, form: ImportForm) -> Context:
    rejections: list[Rejection] = []

    def rejected(rejection: Rejection) -> None:
        if len(rejections) < REJECTIONS_SHOWN:
            rejections.append(rejection)

    try:
        report = _imported(request, form, rejected)
    except (StorageUnavailable, Unusable, SourceBroken) as reason:
        form.add_error("file", str(reason))
        return {"rejections": rejections}
    workspace, is_dry = form.cleaned_data["workspace"], form.cleaned_data["dry_run"]
    if not is_dry:
        # The file may be named after a person, and the log outlives what is erased.
        imported = gettext("Imported a file: %(report)s.") % {"report": report}
        log(request.user, Workspace, names_of([workspace]), CHANGE, imported)
    return {"report": report, "rejections": rejections, "workspace": workspace, "is_dry": is_dry}


def _imported(request: HttpRequest, form: ImportForm, rejected: Callable[[Rejection], None]) -> Report:
    given, settings = form.cleaned_data, parley_settings()
    return import_file(
        given["file"].open(),
        limit=settings.import_bytes,
        seconds=settings.import_seconds,
        workspace_id=given["workspace"].pk,
        writer=Writer(user_id=given["user_id"] or None),
        source_format=given["source_format"],
        dry_run=given["dry_run"],
        # A kept id would reveal whether a workspace that this person cannot see uses it.
        keeps_ids=reachable_workspaces(request.user) is None,
        # Who may only add changes nothing that is there.
        revises=request.user.has_perms(REVISE),
        on_rejection=rejected,
    )
