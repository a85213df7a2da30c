"""The queue of applications: staff read what was sent, and accept or refuse it."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.decisions.foreseen import goes_out_or_why_not, what_goes_out
from contracts.admin.decisions.forms import AcceptApplicationForm, AskBackForm
from contracts.admin.decisions.identity import DemandForm, SeenForm, identity_text, offered_for
from contracts.admin.decisions.review import ReviewedAdmin, staff_of
from contracts.admin.forms import RefusalForm
from contracts.admin.html import article_links, lines, link, target_link, version_link
from contracts.admin.pages import ActionPage, run_action
from contracts.admin.receipts.applications import enter
from contracts.admin.receipts.later import LATER, LaterEntries, later_offered
from contracts.admin.receipts.shown import original_offered
from contracts.admin.waiting_filter import WaitingFilter
from contracts.applications.decide import accept_application, debts_before, refuse_application
from contracts.applications.identity import Seen, demand_identity, record_identity
from contracts.applications.questions import ask_applicant
from contracts.extensions.panels import Slot
from contracts.extensions.registered import shown_in
from contracts.models import Application, Consent, Contract
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import language_text, moment_text
from contracts.wording.particulars import labelled
from contracts.wording.products import product_lines
from contracts.wording.quotations import Hint, Quotation, hints_on_application, quotations
from contracts.wording.reasons import reason_choices, refusal_reason
from portal.organisations.models import User


def _with_articles(application: Application, remarks: Sequence[Quotation | Hint]) -> list[str]:
    version = application.terms_version
    return [format_html("{} {}", one.text, article_links(version, one.articles)) for one in remarks]


STATUS_COLOURS = {"submitted": "info", "accepted": "success", "refused": "danger", "withdrawn": "warning"}


@admin.register(Application)
class ApplicationAdmin(LaterEntries, ReviewedAdmin):
    list_display = ("number", "service", "organisation", "shown_status", "submitted_at", "wanted_start_on")
    export_more = (
        "payment_method",
        "decided_at",
    )
    list_filter = (WaitingFilter, "status", "service")
    list_select_related = ("service", "organisation")
    search_fields = ("number", "organisation__name", "organisation__kana", "applicant__email")
    date_hierarchy = "submitted_at"
    fieldsets = (
        (None, {"fields": ("number", "status", "submitted_at", "shown_receipt", "service", "shown_form")}),
        (
            _("What is applied for"),
            {
                "fields": (
                    "shown_items",
                    "shown_estimate",
                    "shown_quotations",
                    "wanted_start_on",
                    "payment_method",
                )
            },
        ),
        (
            _("Applicant"),
            {"fields": ("organisation", "shown_address", "applicant", "shown_particulars", "shown_language")},
        ),
        (_("Consent to the terms"), {"fields": ("shown_version", "shown_consent", "data_statement")}),
        (
            _("Before the decision"),
            {
                "fields": (
                    "shown_checks",
                    "shown_identity",
                    "shown_duplicates",
                    "shown_documents",
                    "shown_messages",
                )
            },
        ),
        (
            _("Decision"),
            {
                "fields": (
                    "decided_at",
                    "decided_by",
                    "decided_for",
                    "shown_refusal",
                    "refusal_note",
                    "shown_contract",
                    "shown_letters",
                )
            },
        ),
    )
    actions_detail = (
        "accept",
        "refuse",
        "ask",
        "review",
        "demand_identity",
        "record_identity",
        "note_original",
        *LATER,
    )
    actions_list = ("enter",)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "enter-application/",
            self.admin_site.admin_view(partial(enter, self)),
            name="contracts_application_enter_application",
        )
        return [own, *super().get_urls()]

    @action(
        description=_("Enter what came on paper or by telephone"),
        url_path="enter",
        permissions=["act"],
        icon="edit_document",
    )
    def enter(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:contracts_application_enter_application")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return (
            super()
            .get_queryset(request)
            .select_related("service__provider", "organisation", "applicant")
            .prefetch_related("terms_version__service")
        )

    def offered(self, obj: Application) -> Collection[str]:
        original = (*original_offered(obj), *later_offered(obj))
        if not obj.is_open:
            return original
        return ("accept", "refuse", "ask", "review", *offered_for(obj), *original)

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: Application) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Proof of identity"))
    def shown_identity(self, obj: Application) -> Any:
        return identity_text(obj)

    @display(description=_("Products"))
    def shown_items(self, obj: Application) -> str:
        items = ((item.product, item.quantity) for item in obj.items.all())
        found = product_lines(obj.governing_version.policy, items)
        return lines(f"{line.name} × {line.quantity} {line.unit}" for line in found)

    @display(description=_("Estimate"))
    def shown_estimate(self, obj: Application) -> str:
        """What the page showed on which the applicant checked everything before it was sent."""
        quantities = {item.product: item.quantity for item in obj.items.all()}
        return shown_in(Slot.STAFF_ESTIMATE, obj.terms_version, quantities, japan_date(obj.submitted_at))

    @display(description=_("Application form"))
    def shown_form(self, obj: Application) -> str:
        return link(reverse("contracts:application-pdf", args=[obj.number]), f"{obj.number}.pdf")

    @display(description=_("Individual quotation"))
    def shown_quotations(self, obj: Application) -> str:
        """Which list prices do not hold for this order, and what staff do about it."""
        items = {item.product: item.quantity for item in obj.items.all()}
        policy = obj.governing_version.policy
        needed, unusual = quotations(policy, items), hints_on_application(policy, items)
        if not needed:
            return lines(_with_articles(obj, unusual)) if unusual else "—"
        what_to_do = gettext(
            "Agree on the price with the customer, and enter it as a special price of the contract. "
            "Until then it waits in the work queue, and the month that charges it is not billed."
        )
        return lines([*_with_articles(obj, needed), what_to_do, *_with_articles(obj, unusual)])

    @display(description=_("Address"))
    def shown_address(self, obj: Application) -> str:
        registered = obj.organisation
        code = obj.particulars.get("postal_code") or registered.postal_code
        address = obj.particulars.get("address") or registered.address
        return f"〒{code} {address} / {registered.phone}"

    @display(description=_("Particulars"))
    def shown_particulars(self, obj: Application) -> str:
        given = labelled(obj.governing_version.policy, obj.particulars)
        return lines(format_html("<b>{}</b> {}", label, value) for label, value in given)

    @display(description=_("Language of e-mails"))
    def shown_language(self, obj: Application) -> str:
        return language_text(obj.language)

    @display(description=_("terms version"))
    def shown_version(self, obj: Application) -> str:
        return version_link(obj.terms_version)

    @display(description=_("consent"))
    def shown_consent(self, obj: Application) -> str:
        consents = Consent.objects.filter(application=obj).select_related("person")
        return lines(
            format_html(
                '{}<br><span class="text-xs">{}: <code>{}</code></span>',
                " / ".join(filter(None, (moment_text(consent.at), str(consent.person), consent.ip_address))),
                gettext("Content hash"),
                consent.content_hash,
            )
            for consent in consents
        )

    @display(description=_("contract"))
    def shown_contract(self, obj: Application) -> str:
        return target_link(Contract.objects.filter(application=obj).first())

    @display(description=_("Reason for refusal"))
    def shown_refusal(self, obj: Application) -> str:
        refusal = refusal_reason(obj)
        if refusal is None:
            return "—"
        return format_html("{} {}", refusal.text, article_links(obj.terms_version, refusal.articles))

    @action(
        description=_("Accept"),
        url_path="accept",
        permissions=["act"],
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            known = data.get("despite_debts", False)
            contract = accept_application(application, staff, now(), despite_debts=known)
            return gettext("Application %(number)s is accepted: contract %(contract)s.") % {
                "number": application.number,
                "contract": contract.number,
            }

        page = ActionPage(
            title=_("Accept application %(number)s") % {"number": application.number},
            button=_("Accept"),
            form=partial(AcceptApplicationForm, debts_before(application, now())),
            act=act,
            facts=[
                *self._facts(application),
                (_("Checklist"), self.shown_checks(application)),
                *goes_out_or_why_not(
                    application.acting_organisation,
                    lambda: accept_application(application, staff_of(request), now(), despite_debts=True),
                ),
            ],
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Refuse"),
        url_path="refuse",
        permissions=["act"],
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.target(request, object_id)
        version = application.governing_version

        def act(staff: User, data: dict[str, Any]) -> str:
            refuse_application(application, staff, data["refusal_reason"], data["note"], now())
            return gettext("Application %(number)s is refused.") % {"number": application.number}

        def preview(data: dict[str, Any]) -> list[tuple[Any, Any]]:
            return what_goes_out(application.acting_organisation, lambda: act(staff_of(request), data))

        page = ActionPage(
            title=_("Refuse application %(number)s") % {"number": application.number},
            button=_("Refuse"),
            form=partial(RefusalForm, reason_choices(version, version.policy.refusal_reasons)),
            act=act,
            facts=self._facts(application),
            danger=True,
            preview=preview,
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Ask back"), url_path="ask", permissions=["act"], icon="contact_support")
    def ask(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            ask_applicant(application, staff, data["question"], now())
            return gettext("The question on %(number)s is being sent.") % {"number": application.number}

        page = ActionPage(
            title=_("Ask back"),
            button=_("Send the question"),
            form=AskBackForm,
            act=act,
            facts=[*self._facts(application), (_("Questions and answers"), self.shown_messages(application))],
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Demand a proof of identity"),
        url_path="demand-identity",
        permissions=["act"],
        icon="badge",
    )
    def demand_identity(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            demand_identity(application, staff, data["reason"], now())
            return gettext("The applicant is asked for a proof of identity.")

        page = ActionPage(
            title=_("Demand a proof of identity"),
            button=_("Demand"),
            form=DemandForm,
            act=act,
            facts=self._facts(application),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Record the proof of identity"),
        url_path="record-identity",
        permissions=["act"],
        icon="how_to_reg",
    )
    def record_identity(self, request: HttpRequest, object_id: str) -> HttpResponse:
        application = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            record_identity(application, staff, Seen(**data), now())
            return gettext("The proof of identity is recorded. Copies of it are erased.")

        page = ActionPage(
            title=_("Record the proof of identity"),
            button=_("Record"),
            form=SeenForm,
            act=act,
            facts=[
                *self._facts(application),
                (_("Documents handed in"), self.shown_documents(application)),
                (_("Proof of identity"), self.shown_identity(application)),
            ],
        )
        return run_action(self, request, object_id, page)

    def target(self, request: HttpRequest, object_id: str) -> Application:
        return get_object_or_404(self.get_queryset(request), pk=object_id)

    def _facts(self, application: Application) -> list[tuple[Any, Any]]:
        return [
            (_("Organisation"), application.organisation),
            (_("What the customer owes"), self.shown_debts(application)),
            (_("Service"), application.service),
            (_("Products"), self.shown_items(application)),
            (_("Estimate"), self.shown_estimate(application)),
            (_("Individual quotation"), self.shown_quotations(application)),
            (_("Wanted start"), application.wanted_start_on or "—"),
        ]
