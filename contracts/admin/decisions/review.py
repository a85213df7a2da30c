"""What applications and requests have in common before a decision: checklist, documents, letters."""

from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contracts.admin.decisions.foreseen import went_out
from contracts.admin.html import document_link, lines, link, target_link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.receipts.shown import original_page, receipt_of, shown_receipt
from contracts.applications.reviews import ChecklistEntry, Reviewed, checklist, record_checks
from contracts.extensions.registered import debts_of
from contracts.inbox.lookalikes import Lookalike, lookalikes
from contracts.models import Application, Contract, ContractRequest, ReviewCheck
from contracts.wording.formats import moment_text, yen_text
from contracts.wording.links import article_label
from portal.organisations.models import User

Result = ReviewCheck.Result
SAME = {
    "organisation": _("the same organisation"),
    "corporate_number": _("the same corporate number"),
    "name": _("the same name"),
}


class ChecklistForm(forms.Form):
    """Every check with what was found and a note; what is left as it was is not recorded again."""

    def __init__(self, entries: list[ChecklistEntry], data: Any = None) -> None:
        super().__init__(data)
        for entry in entries:
            if entry.kind == ReviewCheck.Kind.IDENTITY:
                continue  # recorded on a page of its own, with the document that was seen
            done = entry.done
            self.fields[f"result_{entry.kind.value}"] = forms.ChoiceField(
                label=entry.kind.label,
                choices=[("", _("Not checked yet")), *Result.choices],
                required=False,
                initial=done.result if done else "",
                widget=UnfoldAdminSelectWidget,
                help_text=_("The terms ask for it.") if entry.rule else "",
            )
            self.fields[f"note_{entry.kind.value}"] = forms.CharField(
                label=_("Note on %(check)s") % {"check": entry.kind.label},
                required=False,
                max_length=500,
                initial=done.note if done else "",
                widget=UnfoldAdminTextInputWidget,
            )


class ReviewedAdmin(ReadOnlyAdmin):
    """The page of something that staff decide on."""

    change_form_outer_before_template = "admin/contracts/_decision_sheet.html"

    class Media:
        css = {"all": ("css/staff-work.css", "css/staff-sheets.css")}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With what the customer owes as long as it is to be decided, then with what went out."""
        asked = self.get_object(request, object_id)
        above: dict[str, Any] = {}
        if asked and asked.is_open:
            above = {"customer": organisation_of(asked), "debts": self.shown_debts(asked)}
        elif asked:
            above = {"decided": {**went_out(asked, cast(User, request.user)), "contract": contract_of(asked)}}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **above})

    @display(description=_("What the customer owes"))
    def shown_debts(self, obj: Reviewed) -> str:
        """For who decides: no invoice is opened for it."""
        debts = debts_of(organisation_of(obj), obj.terms_version.service.provider, localdate())
        context = {
            "debts": debts,
            "open_text": yen_text(debts.open),
            "overdue_text": yen_text(debts.overdue),
        }
        return render_to_string("admin/contracts/_debts.html", context)

    @display(description=_("Way of receipt"))
    def shown_receipt(self, obj: Reviewed) -> str:
        return shown_receipt(obj)

    @action(
        description=_("The paper itself came"),
        url_path="original",
        permissions=["act"],
        icon="inventory",
    )
    def note_original(self, request: HttpRequest, object_id: str) -> HttpResponse:
        receipt = receipt_of(get_object_or_404(self.get_queryset(request), pk=object_id))
        if receipt is None:
            raise Http404
        return run_action(self, request, object_id, original_page(receipt))

    @display(description=_("Checklist"))
    def shown_checks(self, obj: Reviewed) -> str:
        entries = checklist(obj)
        cited = [
            (
                entry,
                [article_label(obj.terms_version, key) for key in entry.rule.article] if entry.rule else [],
            )
            for entry in entries
        ]
        page = reverse(f"admin:contracts_{obj._meta.model_name}_review", args=[obj.pk]) if obj.is_open else ""
        return render_to_string("admin/contracts/_checklist.html", {"entries": cited, "page": page})

    @display(description=_("Possible duplicates"))
    def shown_duplicates(self, obj: Reviewed) -> str:
        return lines(_alike(found) for found in lookalikes(obj))

    @display(description=_("Documents handed in"))
    def shown_documents(self, obj: Reviewed) -> str:
        documents = lines(
            format_html("{} {}", document_link(one), moment_text(one.uploaded_at))
            for one in obj.documents.all()
        )
        if isinstance(obj, ContractRequest) and obj.waits_for_documents:
            return gettext("The document that proves it is missing.")
        return documents

    @display(description=_("Questions and answers"))
    def shown_messages(self, obj: Reviewed) -> str:
        talk = list(obj.messages.select_related("by"))
        return render_to_string("admin/contracts/_messages.html", {"talk": talk}) if talk else "—"

    @display(description=_("Letters"))
    def shown_letters(self, obj: Reviewed) -> str:
        return lines(
            link(
                reverse("admin:contracts_issuedletter_change", args=[one.pk]),
                f"{one.title} {one.number}",
            )
            for one in obj.letters.all()
        )

    @action(description=_("Record checks"), url_path="review", permissions=["act"], icon="checklist")
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        target = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            record_checks(target, staff, dict(_findings(data)), now())
            return gettext("The checks of %(number)s are recorded.") % {"number": target.number}

        page = ActionPage(
            title=_("Record checks"),
            button=_("Record"),
            form=partial(ChecklistForm, checklist(target)),
            act=act,
            facts=[
                (_("Reception number"), target.number),
                (_("Organisation"), organisation_of(target)),
                (_("Corporate number"), organisation_of(target).corporate_number or "—"),
                (_("Possible duplicates"), self.shown_duplicates(target)),
            ],
        )
        return run_action(self, request, object_id, page)

    def target(self, request: HttpRequest, object_id: str) -> Any:
        """The application or request of an address; 404 where there is none."""
        raise NotImplementedError


def staff_of(request: HttpRequest) -> User:
    """Who of the staff decides."""
    return cast(User, request.user)


def contract_of(target: Reviewed) -> Contract | None:
    """The contract that it is about, or that it led to."""
    if isinstance(target, ContractRequest):
        return target.contract
    return Contract.objects.filter(application=target).first()


def organisation_of(target: Reviewed) -> Any:
    return target.acting_organisation if isinstance(target, Application) else target.contract.organisation


def _findings(data: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for kind in ReviewCheck.Kind.values:
        if data.get(f"result_{kind}"):
            yield kind, (data[f"result_{kind}"], data[f"note_{kind}"])


def _alike(found: Lookalike) -> str:
    return format_html(
        "{} {} {}（{}）",
        found.found._meta.verbose_name,
        target_link(found.found),
        found.organisation.name,
        SAME[found.same],
    )
