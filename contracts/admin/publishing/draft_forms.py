"""What staff enter to import, correct and publish terms."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.models import Service, TermsVersion
from contracts.problems.reasons import Reason
from contracts.source_files import LARGEST_FILE, UnreadableFile
from contracts.source_files.apart import amend_apart, import_apart, read_source_apart
from contracts.terms.amending import Amendment
from contracts.terms.importing import ImportedTerms, TermsImportError
from contracts.terms.markdown import NoMarkdownError, TermsSyntaxError, parse, render
from contracts.wording.problems import line_texts, reason_text

LONGEST_TEXT = 500_000
"""Characters; the longest terms texts known have about 60,000."""


def plain_lines(text: str) -> str:
    """A text as browsers send it, with the line ends that are stored."""
    return text.replace("\r\n", "\n")


def _area(rows: int, **attrs: Any) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows, "spellcheck": "false", "data-source": "", **attrs})


class VersionForm(forms.Form):
    """Whose terms, and which version of them."""

    service = forms.ModelChoiceField(
        Service.objects.order_by("slug"), label=_("Service"), widget=UnfoldAdminSelectWidget
    )
    name = forms.CharField(
        label=_("Name of the version"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As the policy will call it, such as 16 or 2027-04-01."),
    )


class BroughtForm(forms.Form):
    """A file or a pasted text. When valid, `original` is what it says and `source` the name it came under."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "Text (UTF-8 or Shift_JIS), Markdown, Word (.docx) or PDF with a text layer; at most %(size)s MB."
        )
        % {"size": LARGEST_FILE // 1_000_000},
    )
    pasted = forms.CharField(
        label=_("Or the text itself"), required=False, strip=False, widget=_area(8), max_length=LONGEST_TEXT
    )

    original: str
    source: str

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "file" in self.errors or "pasted" in self.errors:
            return data
        file, pasted = data.get("file"), plain_lines(data.get("pasted") or "")
        if bool(file) == bool(pasted.strip()):
            raise ValidationError(_("Choose a file or paste a text: one of the two."))
        field = "file" if file else "pasted"
        try:
            self.original = _read_upload(file) if file else pasted
            self.read(data)
        except (UnreadableFile, NoMarkdownError) as error:
            self.add_error(field, reason_text(error.reason))
        except (TermsImportError, TermsSyntaxError) as error:
            self.add_error(field, [ValidationError(line) for line in line_texts(error.problems)])
        self.source = file.name if file else "pasted text"
        return data

    def read(self, data: dict[str, Any]) -> None:
        """Make of the text what the page shows; what it raises is said at the file or the text."""
        raise NotImplementedError


class SourceForm(BroughtForm, VersionForm):
    """A whole text. When valid, `imported` is its tree, and `markdown` the same as it can be corrected."""

    field_order = ("service", "name", "file", "pasted")
    imported: ImportedTerms
    markdown: str

    def read(self, data: dict[str, Any]) -> None:
        self.imported = import_apart(self.original)
        self.markdown = render(self.imported.terms)


class ComparisonForm(BroughtForm):
    """A comparison table (新旧対照表), and the version that it changes.

    When valid, `amendment` is the version that both give, and `markdown` its text as it can be corrected.
    """

    base = forms.ModelChoiceField(
        TermsVersion.objects.select_related("service").order_by("service__slug", "-effective_on", "name"),
        label=_("Version before"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("The version whose texts stand in the column 現行, 改定前 or 旧."),
    )
    name = forms.CharField(
        label=_("Name of the version"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("As the policy will call it, such as 16 or 2027-04-01."),
    )
    field_order = ("base", "name", "file", "pasted")
    amendment: Amendment
    markdown: str

    def read(self, data: dict[str, Any]) -> None:
        if base := data.get("base"):
            self.amendment = amend_apart(base.terms, self.original)
            self.markdown = render(self.amendment.terms)


def _read_upload(file: Any) -> str:
    if file.size > LARGEST_FILE:
        raise UnreadableFile(Reason("file_too_large", {"size": LARGEST_FILE // 1_000_000}))
    text = read_source_apart(file.read())
    if len(text) > LONGEST_TEXT:
        raise UnreadableFile(Reason("file_too_long", {"length": len(text), "most": LONGEST_TEXT}))
    return text


class CorrectionForm(VersionForm):
    """The imported text as Markdown, to be corrected. When valid, `terms` is its tree.

    `original` is what was read, so that what found no place in the tree stays in sight; `base` is the version
    that it changes, where it was a comparison table.
    """

    text = forms.CharField(
        label=_("Text"), strip=False, max_length=LONGEST_TEXT, widget=_area(30), help_text=_("Markdown")
    )
    original = forms.CharField(strip=False, required=False, widget=forms.HiddenInput)
    source = forms.CharField(max_length=255, widget=forms.HiddenInput)
    base = forms.ModelChoiceField(
        TermsVersion.objects.select_related("service"), required=False, widget=forms.HiddenInput
    )

    def clean_text(self) -> str:
        text = plain_lines(self.cleaned_data["text"])
        try:
            self.terms = parse(text)
        except TermsSyntaxError as error:
            raise ValidationError(
                [ValidationError(line) for line in line_texts(error.problems, text)]
            ) from error
        return text


class SeenForm(forms.Form):
    """Carries the content hash of what staff have before them, so that no work is undone unseen."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, draft: TermsVersion, data: Any = None) -> None:
        super().__init__(data, initial={"seen_hash": draft.content_hash})


class DraftTextForm(SeenForm):
    text = forms.CharField(
        label=_("Text"), strip=False, max_length=LONGEST_TEXT, widget=_area(36), help_text=_("Markdown")
    )

    def __init__(self, draft: TermsVersion, data: Any = None) -> None:
        super().__init__(draft, data)
        self.initial["text"] = draft.text

    def clean_text(self) -> str:
        return plain_lines(self.cleaned_data["text"])


class DraftPolicyForm(SeenForm):
    policy = forms.CharField(label=_("Policy"), strip=False, widget=_area(36), help_text=_("TOML"))

    def __init__(self, draft: TermsVersion, start: str, data: Any = None) -> None:
        super().__init__(draft, data)
        self.initial["policy"] = draft.policy_source or start

    def clean_policy(self) -> str:
        return plain_lines(self.cleaned_data["policy"])
