"""Bank accounts, the files that came from banks, and matching what is in them."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from billing.admin.pages import SummedAdmin
from billing.admin.receivables.forms import BankAccountForm, BankFileForm, MatchForm, NoteForm
from billing.admin.steps import StepPage, run_steps
from billing.approvals.bank_accounts import BANK_ACCOUNT, BankAccountData
from billing.calculation.owed.matching import Suggestion
from billing.correspondence.payment_order import order_text
from billing.models import BankAccount, BankImport, BankTransaction
from billing.receivables.allocation import allocate, match_certain, park, release, suggestions, take_back
from billing.receivables.bank.candidates import Candidates, candidates
from billing.receivables.bank.imports import import_files, preview_files
from billing.receivables.matching_texts import reason_texts
from contracts.admin.forms import ConfirmForm
from contracts.admin.html import lines, link
from contracts.admin.pages import ActionPage, ReadOnlyAdmin, run_action
from contracts.admin.proposing import proposing
from contracts.models import Provider
from contracts.wording.formats import day_text, yen_text
from portal.organisations.models import User
from portal.staffing.reach import within

STATUS_COLOURS = {
    BankTransaction.Status.OPEN: "warning",
    BankTransaction.Status.SETTLED: "success",
    BankTransaction.Status.PARKED: "info",
}


@admin.register(BankAccount)
class BankAccountAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "provider", "consignor_code", "shown_csv")
    list_select_related = ("provider",)
    list_prefetch_related = ("provider__particulars",)
    fields = (
        "provider",
        "bank_code",
        "bank_name",
        "branch_code",
        "branch_name",
        "account_kind",
        "account_number",
        "holder",
        "consignor_code",
        "transfer_code",
        "shown_columns",
    )
    actions_list = ("add_account",)
    actions_detail = ("change_account",)

    def offered(self, obj: Any) -> tuple[str, ...]:
        return ("change_account",)

    @display(description=_("CSV files"), boolean=True)
    def shown_csv(self, obj: BankAccount) -> bool:
        return bool(obj.csv_columns)

    @display(description=_("Columns of CSV files"))
    def shown_columns(self, obj: BankAccount) -> str:
        return lines(f"{name}: {value}" for name, value in obj.csv_columns.items())

    @action(
        description=_("Add a bank account"),
        url_path="add-account",
        permissions=["act"],
        icon="add",
        variant=ActionVariant.PRIMARY,
    )
    def add_account(self, request: HttpRequest) -> HttpResponse:
        page = StepPage(
            title=_("Add a bank account"),
            button=_("Propose"),
            form=BankAccountForm,
            act=proposing(request, BANK_ACCOUNT, _wanted),
            kind=BANK_ACCOUNT,
        )
        return run_steps(self, request, page)

    @action(description=_("Change"), url_path="change-account", permissions=["act"], icon="edit")
    def change_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        account = get_object_or_404(BankAccount, pk=object_id)

        page = ActionPage(
            title=gettext("Change the account %(account)s") % {"account": account},
            button=_("Propose"),
            form=partial(BankAccountForm, account=account),
            act=proposing(request, BANK_ACCOUNT, partial(_wanted, account=account)),
            kind=BANK_ACCOUNT,
        )
        return run_action(self, request, object_id, page)


@admin.register(BankImport)
class BankImportAdmin(SummedAdmin):
    summed = "transactions"
    list_display = ("file_name", "account", "at", "shown_count", "shown_total", "known", "outgoing", "by")
    list_select_related = ("account", "by")
    list_filter = ("account",)
    date_hierarchy = "at"
    fields = ("file_name", "account", "at", "by", "shown_entries", "shown_total", "known", "outgoing")
    actions_list = ("import_bank_file",)

    @display(description=_("bank entries"))
    def shown_entries(self, obj: Any) -> str:
        url = reverse("admin:billing_banktransaction_changelist")
        return link(f"{url}?bank_import__id__exact={obj.pk}", obj.count)

    @action(
        description=_("Import a bank file"),
        url_path="import-bank-file",
        permissions=["act"],
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def import_bank_file(self, request: HttpRequest) -> HttpResponse:
        """Show what is new in a file, and take it in when that is confirmed."""

        def act(staff: User, data: dict[str, Any]) -> str:
            every = import_files(data["account"], data["file_name"], data["content"], staff)
            return " ".join(_imported_text(stored) for stored in every)

        page = StepPage(
            title=_("Import a bank file"),
            button=_("Import"),
            form=BankFileForm,
            act=act,
            preview=lambda data: preview_files(data["account"], data["content"], cast(User, request.user)),
            shown="admin/billing/_bank_file.html",
            note=_("Statements (入出金取引明細, 振込入金通知) or a CSV file, as the bank gives them."),
        )
        return run_steps(self, request, page)


@admin.register(BankTransaction)
class BankTransactionAdmin(ReadOnlyAdmin):
    list_display = ("booked_on", "payer", "shown_amount", "reference", "shown_status", "account", "note")
    list_display_links = ("booked_on", "payer")
    list_select_related = ("account",)
    list_filter = ("status", "account", "bank_import")
    search_fields = ("payer", "reference", "remark")
    date_hierarchy = "booked_on"
    fields = (
        "account",
        "booked_on",
        "value_on",
        "shown_amount",
        "payer",
        "reference",
        "remark",
        "status",
        "note",
        "shown_payments",
        "shown_suggestions",
        "bank_import",
        "line",
    )
    actions_list = ("match_all",)
    actions_detail = ("match", "park", "release", "take_back")

    def offered(self, obj: Any) -> tuple[str, ...]:
        match obj.status:
            case BankTransaction.Status.OPEN:
                return ("match", "park")
            case BankTransaction.Status.PARKED:
                return ("release",)
            case _:
                return ("take_back",)

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, obj: BankTransaction) -> str:
        return yen_text(obj.amount)

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, obj: BankTransaction) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("Matched to"))
    def shown_payments(self, obj: BankTransaction) -> str:
        payments = obj.payments.standing().select_related("invoice__debtor")
        paid = [
            f"{payment.invoice.number} {payment.invoice.debtor.name}: {yen_text(payment.left)}"
            for payment in payments
        ]
        credited = [
            gettext("Credit of %(name)s: %(amount)s")
            % {"name": entry.balance.organisation.name, "amount": yen_text(entry.amount)}
            for entry in obj.credit_entries.select_related("balance__organisation")
        ]
        return lines([*paid, *credited])

    @display(description=_("Suggestions"))
    def shown_suggestions(self, obj: BankTransaction) -> str:
        if obj.status != BankTransaction.Status.OPEN:
            return "—"
        found = candidates(obj, localdate())
        return lines(_suggestion_text(one, found) for one in suggestions(obj, found)[:5])

    @action(
        description=_("Match what leaves no doubt"),
        url_path="match-all",
        permissions=["act"],
        icon="join",
        variant=ActionVariant.PRIMARY,
    )
    def match_all(self, request: HttpRequest) -> HttpResponse:
        def act(staff: User, data: dict[str, Any]) -> str:
            results = [match_certain(provider, staff) for provider in within(staff, Provider.issuers.all())]
            return gettext("%(matched)s entries were matched, %(waiting)s wait for somebody to look.") % {
                "matched": sum(result.matched for result in results),
                "waiting": sum(result.waiting for result in results),
            }

        page = StepPage(
            title=_("Match what leaves no doubt"),
            button=_("Match"),
            form=ConfirmForm,
            act=act,
            note=_(
                "No doubt is left where the amount fits and a reference or the payer's name says whose it is."
            ),
        )
        return run_steps(self, request, page)

    @action(
        description=_("Match"),
        url_path="match",
        permissions=["act"],
        icon="join",
        variant=ActionVariant.PRIMARY,
    )
    def match(self, request: HttpRequest, object_id: str) -> HttpResponse:
        entry = self._entry(object_id)
        found = candidates(entry, localdate())

        def act(staff: User, data: dict[str, Any]) -> str:
            allocate(entry, data["parts"], data["credit_to"], staff, named=data["named"])
            return gettext("The entry of %(amount)s is matched.") % {"amount": yen_text(entry.amount)}

        page = ActionPage(
            title=gettext("Match an entry"),
            button=_("Match"),
            form=partial(MatchForm, entry, found),
            act=act,
            facts=[
                *_facts(entry),
                (
                    _("Suggestions"),
                    lines(_suggestion_text(one, found) for one in suggestions(entry, found)[:5]),
                ),
                (_("Order"), order_text(entry.account.provider.payment_order)),
            ],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Park"), url_path="park", permissions=["act"], icon="local_parking")
    def park(self, request: HttpRequest, object_id: str) -> HttpResponse:
        entry = self._entry(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            park(entry, data["note"], staff)
            return gettext("The entry is parked. Nothing is paid with it.")

        page = ActionPage(
            title=gettext("Park an entry"), button=_("Park"), form=NoteForm, act=act, facts=_facts(entry)
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Take up again"), url_path="release", permissions=["act"], icon="undo")
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        entry = self._entry(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            release(entry, staff)
            return gettext("The entry waits to be matched.")

        page = ActionPage(
            title=gettext("Take a parked entry up again"),
            button=_("Take up again"),
            form=ConfirmForm,
            act=act,
            facts=[*_facts(entry), (_("Note"), entry.note)],
        )
        return run_action(self, request, object_id, page)

    @action(description=_("Take back"), url_path="take-back", permissions=["act"], icon="undo")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        entry = self._entry(object_id)

        def act(staff: User, data: dict[str, Any]) -> str:
            take_back(entry, data["note"], staff)
            return gettext("The match is taken back: its payments no longer count.")

        page = ActionPage(
            title=gettext("Take a match back"),
            button=_("Take back"),
            form=NoteForm,
            act=act,
            facts=[*_facts(entry), (_("Matched to"), self.shown_payments(entry))],
            danger=True,
        )
        return run_action(self, request, object_id, page)

    @staticmethod
    def _entry(object_id: str) -> BankTransaction:
        return get_object_or_404(BankTransaction.objects.select_related("account__provider"), pk=object_id)


def _imported_text(stored: BankImport) -> str:
    count = stored.transactions.count()
    text = ngettext(
        "%(file)s, %(account)s: %(count)s new entry.", "%(file)s, %(account)s: %(count)s new entries.", count
    )
    return text % {"file": stored.file_name, "account": stored.account, "count": count}


def _facts(entry: BankTransaction) -> list[tuple[Any, Any]]:
    return [
        (_("Booked on"), day_text(entry.booked_on)),
        (_("Payer"), entry.payer),
        (_("Reference"), " ".join(entry.texts) or "—"),
        (_("Amount"), yen_text(entry.amount)),
    ]


def _suggestion_text(suggestion: Suggestion, found: Candidates) -> str:
    name = found.organisations[suggestion.customer].name
    parts = ", ".join(f"{number} {yen_text(amount)}" for number, amount in suggestion.parts)
    rest = gettext("%(amount)s left over") % {"amount": yen_text(suggestion.rest)} if suggestion.rest else ""
    told = " / ".join(filter(None, (parts, rest)))
    return f"{name} ({suggestion.score}): {told} – {reason_texts(suggestion)}"


def _wanted(data: dict[str, Any], account: BankAccount | None = None) -> BankAccountData:
    known = {"provider": data["provider"].code, "account": account.pk if account else None}
    return BankAccountData(**{**data, **known})
