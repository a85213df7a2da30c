"""E-mails that tell customers of their invoices: one for each, ever."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from billing.correspondence.letters import addressee_in, email_on
from billing.invoicing.invoice_mail_text import CANCELLED, ISSUED, written_invoice_mail
from billing.models import Invoice
from contracts.correspondence.sending import sender_of
from contracts.models import Contract, Provider, Service
from contracts.policies.rulebooks import Rulebooks
from portal.outbox.kinds import Kind
from portal.outbox.models import Mail, MailQuerySet
from portal.outbox.queue import drop, enqueue_all, unsaved
from portal.outbox.worker import send_these


def queue_mails(invoices: Sequence[Invoice], kind: str = ISSUED, *, due_at: datetime | None = None) -> None:
    """Put into the outbox an e-mail for each new invoice, or one that tells that it was cancelled.

    Without `due_at` they wait until `hand_over` is called, once their PDFs are there. Runs inside the
    caller's transaction.
    """
    contracts = Contract.objects.filter(pk__in=[invoice.contract_id for invoice in invoices])
    languages = dict(contracts.values_list("pk", "application__language"))
    attached = _attaching(invoices) if kind == ISSUED else frozenset()
    providers = Provider.issuers.in_bulk({invoice.provider_id for invoice in invoices})
    today = localdate()
    enqueue_all(
        unsaved(
            kind,
            invoice.pk,
            email_on(invoice.contract, today),
            sender_of(providers[invoice.provider_id], languages[invoice.contract_id]),
            key=f"{kind}:{invoice.pk}",
            number=invoice.number,
            organisation_id=invoice.organisation_id,
            language=languages[invoice.contract_id],
            due_at=due_at,
            data={"attached": True} if invoice.pk in attached else {},
        )
        for invoice in invoices
    )


def _attaching(invoices: Sequence[Invoice]) -> frozenset[int]:
    """Which invoices, by primary key, go out with their e-mails by the terms in force on their day."""
    books = Rulebooks()
    services = dict(
        Invoice.objects.filter(pk__in=[one.pk for one in invoices]).values_list("pk", "contract__service")
    )
    offered = Service.objects.in_bulk(set(services.values()))
    found = ((one, books.in_force(offered[services[one.pk]], one.issued_on)) for one in invoices)
    delivered = ((one, version.policy.charging.delivery) for one, version in found if version)
    return frozenset(one.pk for one, rule in delivered if rule and rule.attached)


def mails_of(invoices: QuerySet[Invoice]) -> MailQuerySet:
    """The e-mails about invoices, whatever became of them."""
    return Mail.objects.filter(kind__in=(ISSUED, CANCELLED), about__in=invoices.values("pk"))


def waiting_for_pdfs(invoices: QuerySet[Invoice]) -> MailQuerySet:
    """Those that wait to be handed over by name."""
    return mails_of(invoices).to_mail().filter(due_at__isnull=True)


def hand_over(invoices: QuerySet[Invoice], after_each: Callable[[], None] = lambda: None) -> str:
    """Hand the waiting e-mails of invoices to the mail server; nobody gets one twice.

    What does not go out is tried again by workers; gives why, where the mail server is away.
    """
    return send_these(waiting_for_pdfs(invoices), after_each)


def drop_mails(invoice: Invoice) -> None:
    """Let e-mails of an invoice that was cancelled never go out, unless they have."""
    drop(Mail.objects.filter(kind=ISSUED, about=invoice.pk))


def tell_of_cancellation(invoice: Invoice, at: datetime) -> None:
    """Tell who was told of an invoice that it was cancelled; who was not hears nothing of it any more.

    Runs inside the caller's transaction.
    """
    drop_mails(invoice)
    if Mail.objects.filter(kind=ISSUED, about=invoice.pk, claimed_at__isnull=False).exists():
        queue_mails([invoice], CANCELLED, due_at=at)


def _address_of_now(mail: Mail) -> str:
    invoice = Invoice.objects.select_related("contract__organisation").get(pk=mail.about)
    return email_on(invoice.contract, localdate())


def _is_cancelled(mail: Mail) -> bool:
    return mail.kind == ISSUED and Invoice.objects.filter(pk=mail.about, cancelled_on__isnull=False).exists()


KINDS = tuple(
    Kind(
        key=key,
        label=label,
        model="billing.invoice",
        write=written_invoice_mail,
        address=_address_of_now,
        is_over=_is_cancelled,
        addressee=lambda mail: addressee_in(Invoice.objects.get(pk=mail.about).document),
    )
    for key, label in ((ISSUED, _("Invoice")), (CANCELLED, _("Cancelled invoice")))
)
