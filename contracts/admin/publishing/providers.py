"""Providers: what is stated of them, from a day on, with what held before and what is to come."""

from collections.abc import Collection
from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.admin.publishing.rule_form import RuleForm
from contracts.approvals.particulars import (
    PARTICULARS,
    PARTICULARS_WITHDRAWAL,
    ParticularsChangeData,
    ParticularsWithdrawalData,
)
from contracts.approvals.rules import SECOND_PERSON, RuleData
from contracts.forms.fields import DayField
from contracts.models import Provider, ProviderParticulars
from contracts.publishing.particulars import STATED, ensure_changeable, is_planned
from contracts.wording.formats import day_text, moment_text, yen_text
from contracts.wording.particulars import account_text
from portal.approvals.kinds import kinds
from portal.approvals.second_person import rule_of
from portal.organisations.fields import (
    AddressField,
    HalfWidthField,
    PhoneField,
    PostalCodeField,
    WrittenField,
)
from portal.organisations.independence import MANAGES
from portal.organisations.models import User
from portal.staffing.reach import within

ACCOUNT = ("bank", "bank_code", "branch", "branch_code", "kind", "number", "holder")
ACCOUNT_KINDS = ("普通", "当座", "貯蓄")

Facts = list[tuple[Any, Any]]


def _digits(count: int, message: Any, **options: Any) -> HalfWidthField:
    return HalfWidthField(
        validators=[RegexValidator(rf"^[0-9]{{{count}}}$", message)],
        widget=UnfoldAdminTextInputWidget,
        **options,
    )


def _written(label: Any, max_length: int = 200, **options: Any) -> WrittenField:
    return WrittenField(label=label, max_length=max_length, widget=UnfoldAdminTextInputWidget, **options)


class ParticularsForm(forms.Form):
    """All that is stated of a provider from a day on, filled in with what was stored last."""

    starts_on = DayField(
        label=_("Holds from"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=_("Documents that are issued already stay as they are."),
    )
    name = _written(_("Name"))
    name_en = forms.CharField(
        label=_("Name in English"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    registration_number = HalfWidthField(
        label=_("Registration number"),
        required=False,
        max_length=14,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "T and 13 digits. Without one, invoices for what is supplied on these days are plain invoices."
        ),
    )
    postal_code = PostalCodeField(widget=UnfoldAdminTextInputWidget)
    address = AddressField(widget=UnfoldAdminTextInputWidget)
    phone = PhoneField(label=_("Phone"), widget=UnfoldAdminTextInputWidget)
    email = forms.EmailField(label=_("E-mail address"), widget=UnfoldAdminEmailInputWidget)
    hours = _written(
        _("Reception hours"),
        required=False,
        help_text=_("On which days, and from when until when, customers reach somebody by telephone."),
    )
    account_bank = _written(_("Bank"))
    account_bank_code = _digits(4, _("Enter 4 digits."), label=_("Bank code"), required=False)
    account_branch = _written(_("Branch"))
    account_branch_code = _digits(3, _("Enter 3 digits."), label=_("Branch code"), required=False)
    account_kind = forms.ChoiceField(label=_("Kind of account"), widget=UnfoldAdminSelectWidget)
    account_number = _digits(7, _("Enter 7 digits."), label=_("Account number"))
    account_holder = _written(_("Account holder"))
    payment_note = _written(
        _("Note on payments"), max_length=300, required=False, help_text=_("Stands on every invoice.")
    )

    def __init__(self, last: ProviderParticulars, data: Any = None, **more: Any) -> None:
        account: dict[str, str] = last.bank_account
        stated = {name: getattr(last, name) for name in STATED if name in self.base_fields}
        stated |= {f"account_{part}": account.get(part, "") for part in ACCOUNT}
        super().__init__(data, initial=stated, **more)
        kinds = dict.fromkeys((account.get("kind", ACCOUNT_KINDS[0]), *ACCOUNT_KINDS))
        self.fields["account_kind"].choices = [(kind, kind) for kind in kinds]  # type: ignore[attr-defined]


def stated_in(data: dict[str, Any]) -> dict[str, Any]:
    """The particulars that the form's data state."""
    account = {part: data[f"account_{part}"] for part in ACCOUNT if data[f"account_{part}"]}
    return {**{name: data[name] for name in STATED if name in data}, "bank_account": account}


@admin.register(Provider)
class ProviderAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "code", "principal", "shown_registration", "shown_phone")
    list_select_related = ("principal",)
    search_fields = ("code", "particulars__name", "particulars__registration_number")
    fields = (
        "code",
        "shown_name",
        "principal",
        "corporate_number",
        "shown_particulars",
        "shown_reminders",
        "payment_order",
        "fiscal_year_starts_in",
        "shown_services",
        "shown_calendar",
        "shown_rule",
    )
    actions_detail = ("change_stated", "withdraw_change", "second_person")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return cast(User, request.user).has_perm(MANAGES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Provider]:
        """Who offers services, and the agents that issue invoices of their own."""
        return within(
            request.user,
            Provider.issuers.order_by("code").prefetch_related("services", "principal__particulars"),
        )

    def offered(self, obj: Provider) -> Collection[str]:
        withdrawal = ("withdraw_change",) if is_planned(_last(obj)) else ()
        own_rule = () if obj.principal_id else ("second_person",)
        return ("change_stated", *withdrawal, *own_rule)

    @display(description=_("Name"), ordering="code")
    def shown_name(self, obj: Provider) -> str:
        return obj.name

    @display(description=_("Registration number"))
    def shown_registration(self, obj: Provider) -> str:
        return obj.on(localdate()).registration_number or "—"

    @display(description=_("Phone"))
    def shown_phone(self, obj: Provider) -> str:
        return obj.on(localdate()).phone

    @display(description=_("What documents state"))
    def shown_particulars(self, obj: Provider) -> str:
        holding = obj.on(localdate())
        rows = [
            {
                "stated": row,
                "account": account_text(row.bank_account),
                "holds": row == holding,
                "planned": is_planned(row),
            }
            for row in obj.particulars.all()
        ]
        return render_to_string("admin/contracts/_particulars.html", {"rows": rows})

    @display(description=_("Calendar"))
    def shown_calendar(self, obj: Provider) -> str:
        if obj.principal_id:
            return "—"
        return link(reverse("contracts:calendar-provider", args=[obj.code]), _("Dates of all contracts"))

    @display(description=_("Payment reminders"))
    def shown_reminders(self, obj: Provider) -> str:
        text = _("after %(after_days)s days, %(days_to_pay)s days to pay")
        return lines(text % step for step in obj.reminders)

    @display(description=_("services"))
    def shown_services(self, obj: Provider) -> str:
        sold = obj.sells_as.select_related("service")
        return "、".join([*(one.name for one in obj.services.all()), *(one.service.name for one in sold)])

    @action(
        description=_("Change what documents state"),
        url_path="change-stated",
        permissions=["act"],
        icon="edit_calendar",
        variant=ActionVariant.PRIMARY,
    )
    def change_stated(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = get_object_or_404(Provider.issuers, pk=object_id)
        last = _last(provider)

        def preview(data: dict[str, Any]) -> Facts:
            values = stated_in(data)
            ensure_changeable(provider, data["starts_on"], values)
            return [(_("Holds from"), day_text(data["starts_on"])), *_differences(last, values)]

        def wanted(data: dict[str, Any]) -> ParticularsChangeData:
            return ParticularsChangeData(
                provider=provider.code, starts_on=data["starts_on"], **stated_in(data)
            )

        page = ActionPage(
            title=_("Change what documents state"),
            button=_("Propose"),
            form=partial(ParticularsForm, last),
            act=proposing(request, PARTICULARS, wanted),
            facts=[(_("provider"), provider), (_("Code"), provider.code)],
            preview=preview,
            kind=PARTICULARS,
        )
        return run_action(self, request, object_id, page)

    @display(description=_("Second person"))
    def shown_rule(self, obj: Provider) -> str:
        rule = rule_of(obj.kept_by.code)
        if rule.alone:
            text = _("One person decides. Switched by %(name)s on %(day)s: %(reason)s")
            return text % {
                "name": rule.switched_by,
                "day": moment_text(rule.switched_at),
                "reason": rule.reason,
            }
        amounts = [(kind.label, rule.amounts.get(kind.key, 0)) for kind in kinds() if kind.has_amount]
        text = _("%(kind)s: one person decides up to %(amount)s")
        shown = [text % {"kind": label, "amount": yen_text(amount)} for label, amount in amounts]
        return lines([_("A second person is needed"), *shown])

    @action(
        description=_("Where one person decides"),
        url_path="second-person",
        permissions=["decide"],
        icon="how_to_vote",
    )
    def second_person(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = get_object_or_404(Provider.issuers, pk=object_id)

        def wanted(data: dict[str, Any]) -> RuleData:
            stated = {name: data[name] for name in ("alone", "amounts", "reason")}
            return RuleData(provider=provider.code, **stated)

        page = ActionPage(
            title=_("Where one person decides"),
            button=_("Propose"),
            form=partial(RuleForm, provider.code),
            act=proposing(request, SECOND_PERSON, wanted),
            facts=[(_("Provider"), provider), (_("Today"), self.shown_rule(provider))],
            kind=SECOND_PERSON,
        )
        return run_action(self, request, object_id, page)

    @action(
        description=_("Withdraw the coming change"),
        url_path="withdraw-change",
        permissions=["act"],
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def withdraw_change(self, request: HttpRequest, object_id: str) -> HttpResponse:
        provider = get_object_or_404(Provider.issuers, pk=object_id)
        rows = list(provider.particulars.all())
        last, before = rows[0], rows[1] if rows[1:] else rows[0]

        def wanted(data: dict[str, Any]) -> ParticularsWithdrawalData:
            return ParticularsWithdrawalData(provider=provider.code, particulars=last.pk)

        page = ActionPage(
            title=_("Withdraw the coming change"),
            button=_("Propose"),
            form=forms.Form,
            act=proposing(request, PARTICULARS_WITHDRAWAL, wanted),
            facts=[
                (_("provider"), provider),
                (_("Holds from"), day_text(last.starts_on) if last.starts_on else "—"),
                *_differences(before, {name: getattr(last, name) for name in STATED}),
            ],
            danger=True,
            kind=PARTICULARS_WITHDRAWAL,
        )
        return run_action(self, request, object_id, page)


def _last(provider: Provider) -> ProviderParticulars:
    return provider.particulars.all()[0]


def _differences(before: ProviderParticulars, values: dict[str, Any]) -> Facts:
    """What is different, by the names of the fields: from what to what."""
    return [
        (
            ProviderParticulars._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
            f"{_said(getattr(before, name))} → {_said(values[name])}",
        )
        for name in STATED
        if getattr(before, name) != values[name]
    ]


def _said(value: Any) -> str:
    return account_text(value) if isinstance(value, dict) else value or "—"
