"""Payment reminders: one letter for all that a customer owes a provider and is due to be reminded of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import override

from billing.correspondence.letters import addressee_in, email_of, issuer_on, recipient_of
from billing.correspondence.mail import written_reminder
from billing.documents.letters import FORMAT, ReminderDocument, ReminderItem, digest
from billing.models import Invoice, Reminder, ReminderLine
from billing.receivables.balances import late_charges_on, overdue_on
from billing.receivables.held import held_by_invoice
from billing.receivables.late.due_reminders import DueReminder, due_reminders
from billing.receivables.open_items import Terms
from contracts.correspondence.sending import sender_of
from contracts.models import Provider
from contracts.wording.links import article_label
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.organisations.models import Organisation, User
from portal.outbox import settling
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail
from portal.outbox.queue import enqueue

REMINDER = "payment_reminder"


@dataclass(frozen=True)
class Owed:
    """An invoice in a reminder, with its late interest up to the day, in yen."""

    due: DueReminder
    interest: int


def with_interest(due: Sequence[DueReminder], day: date) -> list[Owed]:
    """Reminders that are due with the late interest of their invoices."""
    charges = late_charges_on([one.invoice for one in due], day)
    return [Owed(one, charge.interest) for one, charge in zip(due, charges, strict=True)]


@transaction.atomic
def issue_reminder(
    provider: Provider, organisation: Organisation, day: date, staff: User | None = None
) -> Reminder:
    """Issue the reminder that is due on a day; a worker draws its letter and sends it by e-mail.

    ValidationError when none is due (any more): two people at once issue it once. HeldBackError.
    """
    ensure_free()
    theirs = Invoice.objects.filter(provider=provider, debtor=organisation)
    list(overdue_on(day, theirs).select_for_update().order_by("pk").values_list("pk"))
    owed = with_interest(due_reminders(day, theirs), day)
    if not owed:
        text = _("No reminder is due for %(name)s. Nothing was sent.")
        raise ValidationError(text % {"name": organisation.name}, code="nothing_due")
    document = _document(provider, organisation, owed, day)
    document_hash = digest(document)
    reminder = Reminder.objects.create(
        provider=provider,
        organisation=organisation,
        issued_on=day,
        step=document["step"],
        pay_by=date.fromisoformat(document["pay_by"]),
        open_amount=document["open_amount"],
        interest=document["interest"],
        document=cast(dict[str, Any], document),
        document_hash=document_hash,
    )
    ReminderLine.objects.bulk_create(
        ReminderLine(
            reminder=reminder,
            invoice=one.due.invoice,
            step=one.due.step.number,
            open_amount=one.due.invoice.open_amount,
            interest=one.interest,
        )
        for one in owed
    )
    record(
        "reminder.issued",
        staff,
        reminder,
        step=reminder.step,
        invoices=[one.due.invoice.number for one in owed],
        open_amount=reminder.open_amount,
        document=document_hash,
    )
    _queue(reminder)
    return reminder


@transaction.atomic
def send_reminder(reminder: Reminder, staff: User) -> Mail:
    """Send a reminder again by e-mail, to where invoices go now.

    ValidationError while it is being sent. HeldBackError.
    """
    ensure_free()
    current = Reminder.objects.select_for_update(of=("self",)).get(pk=reminder.pk)
    mail = Mail.objects.filter(kind=REMINDER, about=current.pk).first()
    return settling.send_again(mail, staff, timezone.now()) if mail else _queue(current)


def _queue(reminder: Reminder) -> Mail:
    line = reminder.lines.select_related("invoice__contract__application").first()
    language = line.invoice.contract.application.language if line else "ja"
    return enqueue(
        REMINDER,
        reminder.pk,
        email_of(reminder.organisation, reminder.provider, localdate()),
        sender_of(reminder.provider, language),
        key=f"{REMINDER}:{reminder.pk}",
        number=f"{reminder.issued_on:%Y-%m-%d}",
        organisation=reminder.organisation,
        language=language,
    )


def _taken(mail: Mail, at: datetime) -> None:
    """A reminder keeps when and where it went last."""
    reminder = Reminder.objects.select_for_update(of=("self",)).get(pk=mail.about)
    reminder.sent_to, reminder.sent_at = mail.address, at
    reminder.save(update_fields=["sent_to", "sent_at"])
    record("reminder.sent", None, reminder, personal={"to": mail.address})


def _address_of_now(mail: Mail) -> str:
    reminder = Reminder.objects.select_related("organisation", "provider").get(pk=mail.about)
    return email_of(reminder.organisation, reminder.provider, localdate())


REMINDERS = Kind(
    key=REMINDER,
    label=_lazy("Payment reminder"),
    model="billing.reminder",
    write=written_reminder,
    taken=_taken,
    address=_address_of_now,
    addressee=lambda mail: addressee_in(Reminder.objects.get(pk=mail.about).document),
)


def _document(
    provider: Provider, organisation: Organisation, owed: list[Owed], day: date
) -> ReminderDocument:
    last = max((one.due.step for one in owed), key=lambda step: step.number)
    kept = held_by_invoice([organisation])
    items = [_item(one, kept.get(one.due.invoice.pk, 0)) for one in owed]
    return {
        "format": FORMAT,
        "issued_on": day.isoformat(),
        "pay_by": (day + timedelta(days=last.days_to_pay)).isoformat(),
        "step": last.number,
        "issuer": issuer_on(provider, day),
        "recipient": recipient_of(organisation, provider, day),
        "bank_account": provider.on(day).bank_account,
        "items": items,
        "open_amount": sum(item["open_amount"] for item in items),
        "interest": sum(item["interest"] for item in items),
        "grounds": _grounds([one.due.invoice for one in owed], day),
    }


def _item(one: Owed, kept: int) -> ReminderItem:
    invoice = one.due.invoice
    item: ReminderItem = {
        "number": invoice.number,
        "service": invoice.contract.service.names["ja"],
        "month": f"{invoice.month:%Y-%m}",
        "due_on": invoice.open_due_on.isoformat(),
        "days": one.due.days,
        "open_amount": invoice.open_amount,
        "interest": one.interest,
        "step": one.due.step.number,
    }
    if kept:
        item["kept"] = kept
    return item


def _grounds(invoices: list[Any], day: date) -> list[str]:
    """What the terms of each service provide for unpaid debts, each once, in Japanese."""
    terms = Terms(day)
    told: list[str] = []
    with override("ja"):
        words = {
            "suspension": "サービスの提供を停止することがあります",
            "termination": "契約を解除することがあります",
        }
        for invoice in invoices:
            version = terms.version(invoice)
            for rule in version.policy.charging.unpaid_grounds if version else ():
                cited = "・".join(article_label(cast(Any, version), key) for key in rule.article)
                service = invoice.contract.service.names["ja"]
                told.append(f"{service}：{rule.text.ja}ときは、{words[rule.leads_to]}（{cited}）。")
    return list(dict.fromkeys(told))
