"""What a customer's invoice list says about its balance and letters."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from billing.correspondence.payment_order import order_text
from billing.models import DepositLetter, Invoice, Reminder, SetOff, StatementOfAccount
from billing.receivables.late.ageing import Ageing, AgeingRow
from contracts.models import Provider
from portal.organisations.models import Membership, Organisation

_MOST_LETTERS = 5


@dataclass(frozen=True)
class LetterLine:
    issued_on: date
    name: str
    url: str


def account_panel(membership: Membership, day: date) -> dict[str, Any]:
    """The balances with each issuer that ever invoiced a member's organisation, and its latest letters.

    They are of the organisation as a whole, and so not for who is limited to certain contracts.
    """
    if membership.is_limited:
        return {}
    organisation = membership.organisation
    rows = {row.provider.pk: row for row in Ageing(day, organisation)}
    providers = list(Provider.issuers.filter(pk__in=Invoice.objects.issuers_to(organisation)))
    return {
        "orders": list(dict.fromkeys(order_text(provider.payment_order) for provider in providers)),
        "accounts": [rows.get(provider.pk) or AgeingRow(organisation, provider) for provider in providers],
        "letters": _letters(organisation),
    }


def _letters(organisation: Organisation) -> list[LetterLine]:
    drawn = Q(organisation__in=organisation.as_one()) & ~Q(pdf="")
    reminders = Reminder.objects.filter(drawn).defer("document")[:_MOST_LETTERS]
    set_offs = SetOff.objects.filter(drawn).defer("document")[:_MOST_LETTERS]
    found = [_line(letter, _("Payment reminder"), "billing:reminder-pdf") for letter in reminders]
    found += [_line(letter, _("Statement of set-off"), "billing:set-off-pdf") for letter in set_offs]
    deposits = DepositLetter.objects.filter(drawn).defer("document")[:_MOST_LETTERS]
    found += [
        _line(letter, str(letter.get_kind_display()), "billing:deposit-letter-pdf") for letter in deposits
    ]
    found += [_statement_line(asked) for asked in _ready_statements(organisation)]
    return sorted(found, key=lambda letter: letter.issued_on, reverse=True)[:_MOST_LETTERS]


def _ready_statements(organisation: Organisation) -> QuerySet[StatementOfAccount]:
    ready = StatementOfAccount.objects.filter(organisation=organisation, drawn_at__isnull=False)
    return ready.order_by("-drawn_at")[:_MOST_LETTERS]


def _statement_line(asked: StatementOfAccount) -> LetterLine:
    name = _("Statement of account (%(from_day)s to %(to_day)s)") % {
        "from_day": asked.from_day.isoformat(),
        "to_day": asked.to_day.isoformat(),
    }
    return LetterLine(
        localdate(asked.drawn_at), name, reverse("billing:invoice-statement-pdf", args=[asked.pk])
    )


def _line(letter: DepositLetter | Reminder | SetOff, name: str, view: str) -> LetterLine:
    return LetterLine(letter.issued_on, name, reverse(view, args=[letter.pk]))
