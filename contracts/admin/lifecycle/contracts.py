"""Contracts: their dates and contents, and the steps from acceptance to the start of service."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.timezone import localdate, now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from contracts.admin.forms import ActivationForm, ConfirmForm, RegistrationForm
from contracts.admin.html import explained, lines, link, target_link, version_link
from contracts.admin.lifecycle.agreements import AgentActions, AgreementActions
from contracts.admin.lifecycle.end_actions import EndActions
from contracts.admin.lifecycle.provider_side import (
    PROVIDER_ACTIONS,
    contract_facts,
    governing,
    provider_offers,
)
from contracts.admin.lifecycle.sheet import contract_sheet
from contracts.admin.lifecycle.stop_actions import StopActions
from contracts.admin.pages import ActionPage, run_action
from contracts.admin.receipts.requests import enter_request
from contracts.admin.waiting_filter import WaitingFilter
from contracts.applications.acceptance import acceptance_mail, can_send_acceptance, send_acceptance
from contracts.applications.activation import complete_registration, issue_activation_notice
from contracts.correspondence.written import mails_on
from contracts.extensions.kinds import kind_label
from contracts.extensions.panels import Slot
from contracts.extensions.registered import shown_in
from contracts.inbox import waiting
from contracts.models import Contract
from contracts.wording.formats import day_text, days_text, moment_text, yen_text
from contracts.wording.reasons import suspension_reason
from portal.organisations.models import User
from portal.outbox.kinds import kind_of as mail_kind
from portal.outbox.models import Mail
from portal.staffing.reach import within

MAILS = 30
"""So many of the e-mails on a contract are listed; the outbox has all."""

STATE_COLOURS = {
    "forming": "info",
    "running": "success",
    "changing": "info",
    "suspended": "warning",
    "paused": "warning",
    "interrupted": "warning",
    "ending": "warning",
    "ended": "default",
    "annulled": "danger",
}


SHOWN_WITH = {
    "application": "view_application",
    "shown_acceptance": "view_issuedletter",
    "shown_letters": "view_issuedletter",
    "shown_mails": "view_issuedletter",
    "shown_pages": "view_contractparticular",
    "shown_parties": "view_contractparty",
    "shown_requests": "view_contractrequest",
    "shown_users": "view_authoriseduser",
}
"""What of a contract's page is shown with a further right: it tells of persons, or leads to what does."""


@admin.register(Contract)
class ContractAdmin(StopActions, EndActions, AgreementActions, AgentActions):
    change_form_outer_before_template = "admin/contracts/_contract_sheet.html"

    class Media:
        css = {"all": ("css/staff-work.css", "css/staff-sheets.css")}

    list_display = (
        "number",
        "service",
        "organisation",
        "shown_state",
        "formed_on",
        "service_starts_on",
        "billed_from_on",
        "ends_on",
    )
    export_more = (
        "payment_method",
        "applied_at",
        "accepted_at",
        "registered_at",
        "billed_through_on",
        "end_kind",
    )
    list_filter = (WaitingFilter, "service", "end_kind", ("annulled_at", admin.EmptyFieldListFilter))
    search_fields = (
        "number",
        "takeover_row__old_number",
        "application__number",
        "organisation__name",
        "organisation__kana",
    )
    date_hierarchy = "applied_at"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "application",
                    "shown_takeover",
                    "shown_agent",
                    "shown_version",
                    "shown_pages",
                )
            },
        ),
        (
            _("What happened"),
            {
                "fields": (
                    "applied_at",
                    "accepted_at",
                    "shown_acceptance",
                    "registered_at",
                    "activation_start_on",
                    "wanted_start_on",
                )
            },
        ),
        (
            _("What follows by the terms"),
            {"fields": ("formed_on", "service_starts_on", "billed_from_on", "shown_formation")},
        ),
        (_("Contents of the contract"), {"fields": ("payment_method", "shown_agreements")}),
        (_("Suspensions"), {"fields": ("shown_suspensions", "shown_downtime")}),
        (_("End"), {"fields": ("ends_on", "billed_through_on", "end_kind")}),
        (
            _("Around the contract"),
            {
                "fields": (
                    "shown_requests",
                    "shown_tasks",
                    "shown_claims",
                    "shown_letters",
                    "shown_mails",
                    "shown_users",
                    "shown_parties",
                )
            },
        ),
    )
    actions_detail = ("enter", "send_acceptance", "register", "activate", *PROVIDER_ACTIONS)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/enter-request/",
            self.admin_site.admin_view(partial(enter_request, self)),
            name="contracts_contract_enter_request",
        )
        return [own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        """With those that were annulled, which nobody else sees: they are marked."""
        found = within(request.user, Contract.everything.all()).order_by(*self.get_ordering(request))
        return found.select_related(
            "service", "organisation", "application", "takeover_row__takeover"
        ).prefetch_related("contracted_version__service", "items", "suspensions")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With its state, money, products and dates above the details."""
        contract = self.get_object(request, object_id)
        above = {}
        if contract and self.has_view_permission(request, contract):
            above = {
                "sheet": contract_sheet(contract, cast(User, request.user)),
                "sheet_state": self.shown_state(contract),
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **above})

    def get_fieldsets(self, request: HttpRequest, obj: Contract | None = None) -> Any:
        hidden = {
            name for name, right in SHOWN_WITH.items() if not request.user.has_perm(f"contracts.{right}")
        }
        hidden.add("application" if _is_brought_in(obj) else "shown_takeover")
        if obj and obj.ends_on is None:
            hidden |= {"ends_on", "billed_through_on", "end_kind"}
        if obj and not obj.suspensions.all():
            hidden.add("shown_suspensions")
        shown_of = (
            (title, {**shown, "fields": [name for name in shown["fields"] if name not in hidden]})
            for title, shown in super().get_fieldsets(request, obj)
        )
        return [(title, shown) for title, shown in shown_of if shown["fields"]]

    def offered(self, obj: Contract) -> Collection[str]:
        return [] if obj.annulled_at else [name for name, fits in _offers(obj) if fits]

    def target(self, request: HttpRequest, object_id: str) -> Contract:
        """Nothing is done with what was annulled: 404."""
        return get_object_or_404(self.get_queryset(request).filter(annulled_at__isnull=True), pk=object_id)

    @display(description=_("Status"), label=STATE_COLOURS)
    def shown_state(self, obj: Contract) -> tuple[str, str]:
        if obj.annulled_at:
            return "annulled", gettext("Annulled")
        state = obj.state_on(localdate())
        return state.value, str(state.label)

    @display(description=_("terms version at formation"))
    def shown_version(self, obj: Contract) -> str:
        return version_link(obj.contracted_version)

    @display(description=_("From an old system"))
    def shown_takeover(self, obj: Contract) -> str:
        """Its number there, and the file that brought it."""
        return format_html("{} / {}", obj.takeover_row.old_number, target_link(obj.takeover_row.takeover))

    @display(description=_("Questions and history"))
    def shown_pages(self, obj: Contract) -> str:
        pages = (
            ("contract-what-if", gettext("What if?")),
            ("contract-timeline", gettext("Timeline")),
            ("contract-rules", gettext("Where the rules come from")),
        )
        return lines(link(reverse(f"contracts:{name}", args=[obj.number]), label) for name, label in pages)

    @display(description=_("Decision on the formation"))
    def shown_formation(self, obj: Contract) -> str:
        return explained(obj.decided_formation, obj.contracted_version)

    @display(description=_("Suspensions"))
    def shown_suspensions(self, obj: Contract) -> str:
        version = governing(obj)
        reasons = ((stop, suspension_reason(stop, version)) for stop in obj.suspensions.all())
        return lines(
            f"{days_text(stop.starts_on, stop.ends_on)} {reason.text if reason else ''}"
            f"{f'（{stop.note}）' if stop.note else ''}"
            for stop, reason in reasons
        )

    @display(description=_("Outages and availability"))
    def shown_downtime(self, obj: Contract) -> str:
        return shown_in(Slot.STAFF_DOWNTIME, obj)

    @display(description=_("requests"))
    def shown_requests(self, obj: Contract) -> str:
        asked = obj.requests.all()
        return lines(
            format_html("{} {} / {}", target_link(one), kind_label(one.kind), one.get_status_display())
            for one in asked
        )

    @display(description=_("tasks"))
    def shown_tasks(self, obj: Contract) -> str:
        return lines(
            link(
                reverse("admin:contracts_task_change", args=[one.pk]),
                f"{one.get_kind_display()} {day_text(one.due_on)}{' ✓' if one.done_at else ''}",
            )
            for one in obj.tasks.all()
        )

    @display(description=_("one-off claims"))
    def shown_claims(self, obj: Contract) -> str:
        return lines(
            link(
                reverse("admin:contracts_claim_change", args=[one.pk]),
                f"{one.get_kind_display()} {yen_text(one.net)}",
            )
            for one in obj.claims.all()
        )

    @display(description=_("Letters"))
    def shown_letters(self, obj: Contract) -> str:
        return lines(
            link(
                reverse("admin:contracts_issuedletter_change", args=[one.pk]),
                f"{one.title} {one.number}",
            )
            for one in obj.letters.all()
        )

    @display(description=_("E-mails"))
    def shown_mails(self, obj: Contract) -> str:
        """The latest, each with who got it and when."""
        return lines(
            link(reverse("admin:outbox_mail_change", args=[one.pk]), _mail_text(one))
            for one in mails_on(obj)[:MAILS]
        )

    @display(description=_("authorised users"))
    def shown_users(self, obj: Contract) -> str:
        return lines(
            link(reverse("admin:contracts_authoriseduser_change", args=[one.pk]), one.name)
            for one in obj.authorised_users.all()
        )

    @display(description=_("Parties"))
    def shown_parties(self, obj: Contract) -> str:
        return lines(
            f"{day_text(one.starts_on)} {one.organisation} / "
            + "、".join(successor["name"] for successor in one.successors)
            for one in obj.parties.select_related("organisation")
        )

    @display(description=_("Acceptance sent at"))
    def shown_acceptance(self, obj: Contract) -> str:
        """When the mail server took it; before that, what has become of it so far."""
        mail = acceptance_mail(obj)
        sent = moment_text(obj.acceptance_sent_at) if obj.acceptance_sent_at else ""
        if mail is None:
            return sent or "—"
        return link(reverse("admin:outbox_mail_change", args=[mail.pk]), sent or mail.state.label)

    @action(
        description=_("Enter what came on paper or by telephone"),
        url_path="enter",
        permissions=["act"],
        icon="edit_document",
    )
    def enter(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:contracts_contract_enter_request", self.target(request, object_id).pk)

    @action(
        description=_("Send the acceptance again"),
        url_path="send-acceptance",
        permissions=["act"],
        icon="mail",
    )
    def send_acceptance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            send_acceptance(contract, staff, now())
            return gettext("The acceptance of %(number)s is being sent.") % {"number": contract.number}

        page = ActionPage(
            title=_("Send the acceptance again"),
            button=_("Send"),
            form=ConfirmForm,
            act=act,
            facts=contract_facts(contract),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Complete the registration"),
        url_path="register",
        permissions=["act"],
        icon="how_to_reg",
        variant=ActionVariant.PRIMARY,
    )
    def register(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            complete_registration(contract, staff, now(), account_details=data["account_details"])
            return gettext("The registration of %(number)s is completed.") % {"number": contract.number}

        page = ActionPage(
            title=_("Complete the registration"),
            button=_("Complete the registration"),
            form=RegistrationForm,
            act=act,
            facts=contract_facts(contract),
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Issue the activation notice"),
        url_path="activate",
        permissions=["act"],
        icon="rocket_launch",
        variant=ActionVariant.PRIMARY,
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contract = self.target(request, object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            issue_activation_notice(contract, staff, data["start_on"], now())
            return gettext("The activation notice of %(number)s is issued.") % {"number": contract.number}

        page = ActionPage(
            title=_("Issue the activation notice"),
            button=_("Issue the notice"),
            form=partial(ActivationForm, initial={"start_on": contract.wanted_start_on}),
            act=act,
            facts=contract_facts(contract),
        )
        return run_action(self, request, object_id, page)


def _is_brought_in(contract: Contract | None) -> bool:
    """Whether it came from an old system: nobody sent its application."""
    return contract is not None and hasattr(contract, "takeover_row")


def _mail_text(mail: Mail) -> str:
    what = f"{mail_kind(mail.kind).label} → {mail.address or gettext('By post')}"
    return f"{what} {moment_text(mail.taken_at) if mail.taken_at else mail.state.label}"


def _offers(contract: Contract) -> Iterator[tuple[str, bool]]:
    yield "enter", contract.formed_on is not None
    yield "send_acceptance", can_send_acceptance(contract)
    yield "register", waiting.for_registration().filter(pk=contract.pk).exists()
    yield "activate", waiting.for_activation_notice().filter(pk=contract.pk).exists()
    yield from provider_offers(contract)
