"""Issued invoices and returns: frozen documents under gap-free numbers."""

from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from portal.frozen import NeverChanges, NeverDeleted, gets_its_pdf_once

if TYPE_CHECKING:
    from portal.organisations.models import Membership, Organisation


class InvoiceKind(models.TextChoices):
    """What a document is: each kind has numbers of its own."""

    INVOICE = "invoice", _("Invoice")
    RETURN = "return", _("Return invoice")
    BROUGHT = "brought", _("Open item of an old system")


class NeverDeletedError(TypeError):
    """Something that the law wants kept was about to be deleted."""


class InvoiceCounter(models.Model):
    """The last number that an issuer gave in a fiscal year; its row is locked while one is given."""

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="invoice_counters", verbose_name=_("provider")
    )
    fiscal_year = models.PositiveSmallIntegerField(_("Fiscal year"))
    kind = models.CharField(
        _("Kind"), max_length=10, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE
    )
    last = models.PositiveIntegerField(_("Last number"), default=0)

    class Meta:
        verbose_name = _("invoice counter")
        verbose_name_plural = _("invoice counters")
        constraints = [
            models.UniqueConstraint(fields=["provider", "fiscal_year", "kind"], name="invoice_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider.code}-{self.fiscal_year}: {self.last}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def live(self) -> "InvoiceQuerySet":
        """What was issued here and not cancelled, returns included."""
        return self.filter(cancelled_on__isnull=True).exclude(kind=InvoiceKind.BROUGHT)

    def charging(self) -> "InvoiceQuerySet":
        """Invoices of the portal that ask for money: no returns, nothing cancelled."""
        return self.filter(cancelled_on__isnull=True, kind=InvoiceKind.INVOICE)

    def claims(self) -> "InvoiceQuerySet":
        """All that asks for money, whoever issued it: invoices, and open items of an old system."""
        return self.filter(cancelled_on__isnull=True).exclude(kind=InvoiceKind.RETURN)

    def seen_by(self, organisation: "Organisation") -> "InvoiceQuerySet":
        """What was issued to an organisation, and what it has owed in another's place, with returns."""
        theirs = organisation.as_one()
        claims = PassedClaim.objects.filter(to_organisation__in=theirs, amount__gt=0)
        passed = list(claims.values_list("invoice", flat=True))  # a list lets the database use its indexes
        owed = Q(debtor=organisation, open_amount__gt=0) | Q(pk__in=passed) | Q(original__in=passed)
        return self.filter(Q(organisation__in=theirs) | owed, contract__annulled_at__isnull=True)

    def shown_to(self, membership: "Membership") -> "InvoiceQuerySet":
        """What a member's organisation sees, of the contracts that the member sees."""
        return membership.seen_of(self.seen_by(membership.organisation), "contract")

    def of_present_customers(self) -> "InvoiceQuerySet":
        """Those owed by who is the customer of their contract now: only they let a step follow for it."""
        return self.filter(debtor=F("contract__organisation"))

    def issuers_to(self, organisation: "Organisation") -> models.QuerySet["Invoice", Any]:
        """The primary keys of the issuers that an organisation has invoices of."""
        return self.seen_by(organisation).values("provider")

    def delete(self) -> NoReturn:
        raise NeverDeletedError("Issued documents are kept.")


class Invoice(models.Model):
    """An invoice or a return as it was issued; with a registration number 適格請求書 or 適格返還請求書.

    `document` is its own copy of all that it states; the columns repeat what is searched by. Amounts are yen,
    those of a return negative. The PDF is made from `document` alone, once. Nothing that was issued changes
    afterwards but that an invoice is cancelled; what was issued in its place names it in `replaces`.

    `provider` is who issued it and is owed it: a provider, or a sales agent as the counterparty.

    `organisation` is the customer to whom it was issued, `debtor` who owes it: another one once debts have
    passed to a successor (`PassedClaim`).

    `due_at_once_on` is when it fell due before its day, as its contract came to an end.

    What is open of it the database works out, from the sums of its payments and returns (`paid`, `returned`,
    in yen), which `billing/receivables/claims.py` alone keeps; and since when any of that is due. What an
    invoice asks for beyond the one that it replaces, or for what the provider set a day (`added`, in yen), is
    due on a day of its own, and paid last.

    An open item of an old system has the number of its own document, which others issued: there is no PDF of
    it, and it is neither returned nor issued anew. Two providers may have such documents of one number.
    """

    Kind = InvoiceKind

    provider = models.ForeignKey(
        "contracts.Provider", models.PROTECT, related_name="invoices", verbose_name=_("provider")
    )
    kind = models.CharField(
        _("Kind"), max_length=10, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE
    )
    fiscal_year = models.PositiveSmallIntegerField(_("Fiscal year"))
    sequence = models.PositiveIntegerField(_("Sequence"))
    number = models.CharField(_("Invoice number"), max_length=24, db_index=True)
    run = models.ForeignKey(
        "BillingRun",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="invoices",
        verbose_name=_("billing run"),
    )
    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="invoices", verbose_name=_("contract")
    )
    organisation = models.ForeignKey(
        "organisations.Organisation",
        models.PROTECT,
        related_name="invoices",
        verbose_name=_("organisation"),
    )
    debtor = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="debts", verbose_name=_("debtor")
    )
    recipient_name = models.CharField(_("Recipient"), max_length=200)
    month = models.DateField(_("Month"), help_text=_("Its first day"))
    issued_on = models.DateField(_("Issue date"))
    due_on = models.DateField(_("Due date"))
    net = models.BigIntegerField(_("Net"))
    tax = models.BigIntegerField(_("Tax"))
    gross = models.BigIntegerField(_("Total"))
    document = models.JSONField(_("Document"))
    document_hash = models.CharField(_("Document hash"), max_length=64)
    pdf = models.FileField(_("PDF"), upload_to="invoices/", blank=True)
    pdf_hash = models.CharField(_("PDF hash"), max_length=64, blank=True)
    original = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returns",
        verbose_name=_("invoice that an amount is returned of"),
    )
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("cancelled invoice that this one replaces"),
    )
    cancelled_on = models.DateField(_("Cancelled on"), null=True, blank=True)
    cancel_reason = models.TextField(_("Reason for cancelling"), blank=True)
    added = models.BigIntegerField(_("Asked for beyond the replaced invoice"), default=0)
    added_due_on = models.DateField(_("Due date of what was added"), null=True, blank=True)
    due_at_once_on = models.DateField(_("Due at once since"), null=True, blank=True)
    paid = models.BigIntegerField(_("Paid"), default=0)
    returned = models.BigIntegerField(_("Returned"), default=0)
    open_amount = models.GeneratedField(
        expression=Case(
            When(cancelled_on__isnull=False, then=Value(0)),
            default=Greatest(F("gross") - F("paid") - F("returned"), 0),
        ),
        output_field=models.BigIntegerField(_("Open amount")),
        db_persist=True,
        verbose_name=_("Open amount"),
    )
    open_due_on = models.GeneratedField(
        expression=Case(
            When(due_at_once_on__isnull=False, then=F("due_at_once_on")),
            When(
                Q(added_due_on__isnull=False) & Q(paid__gte=F("gross") - F("returned") - F("added")),
                then=F("added_due_on"),
            ),
            default=F("due_on"),
        ),
        output_field=models.DateField(_("Due since")),
        db_persist=True,
        verbose_name=_("Due since"),
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ["-issued_on", "-number"]
        indexes = [
            models.Index(fields=["organisation", "issued_on"], name="invoice_customer_day"),
            models.Index(fields=["due_on"], name="invoice_due"),
            models.Index(fields=["open_due_on"], name="invoice_open_due", condition=Q(open_amount__gt=0)),
            models.Index(
                fields=["debtor", "open_due_on"],
                name="invoice_open_customer",
                condition=Q(open_amount__gt=0),
            ),
            models.Index(fields=["provider", "issued_on"], name="invoice_issued"),
            models.Index(fields=["gross"], name="invoice_gross"),
            models.Index(fields=["provider"], name="invoice_without_pdf", condition=Q(pdf="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "fiscal_year", "kind", "sequence"], name="invoice_sequence_once"
            ),
            models.UniqueConstraint(
                fields=["contract", "month"],
                condition=Q(kind=InvoiceKind.INVOICE, cancelled_on__isnull=True),
                name="invoice_contract_month_once",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(kind=InvoiceKind.BROUGHT), name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=["provider", "number"],
                condition=Q(kind=InvoiceKind.BROUGHT, cancelled_on__isnull=True),
                name="invoice_brought_number_once",
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_adds_up"),
            models.CheckConstraint(condition=Q(month__day=1), name="invoice_month_first_day"),
            models.CheckConstraint(
                condition=Q(kind=InvoiceKind.INVOICE, original__isnull=True, run__isnull=False, gross__gte=0)
                | Q(kind=InvoiceKind.RETURN, original__isnull=False, gross__lte=0)
                | Q(kind=InvoiceKind.BROUGHT, original__isnull=True, run__isnull=True, gross__gte=1),
                name="invoice_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_on__isnull=True, cancel_reason="")
                | (Q(cancelled_on__isnull=False) & ~Q(cancel_reason="")),
                name="invoice_cancelled_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, returned__gte=0), name="invoice_paid_and_returned_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(added=0, added_due_on__isnull=True)
                | Q(added__gte=1, added__lte=F("gross"), added_due_on__isnull=False),
                name="invoice_added_has_its_day",
            ),
            NeverChanges(
                name="billing_invoice_stays",
                except_fields=(
                    "debtor",
                    "pdf",
                    "pdf_hash",
                    "cancelled_on",
                    "cancel_reason",
                    "due_at_once_on",
                    "paid",
                    "returned",
                    "open_amount",
                    "open_due_on",
                ),
                says="an issued invoice never changes",
            ),
            gets_its_pdf_once("billing_invoice", "an issued invoice"),
            NeverChanges(
                name="billing_invoice_stays_cancelled",
                fields=("cancelled_on", "cancel_reason"),
                when="OLD.cancelled_on IS NOT NULL",
                says="a cancelled invoice stays cancelled",
            ),
            NeverDeleted(name="billing_invoice_is_kept", says="an issued invoice is never deleted"),
        ]

    def __str__(self) -> str:
        return self.number

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: 電子帳簿保存法 and 消費税法 want issued documents kept."""
        raise NeverDeletedError("Issued documents are kept.")

    def parts(self, amount: int, known_by: date | None = None) -> list[tuple[int, date]]:
        """How an amount that is open divides by due days: what was added to a replaced invoice comes last.

        `known_by`: as it was known on a day; without, as it is now.
        """
        if self.due_at_once_on and (known_by is None or self.due_at_once_on <= known_by):
            return [(amount, self.due_at_once_on)]
        added = min(self.added, amount)
        parts = [(amount - added, self.due_on), (added, self.added_due_on or self.due_on)]
        return [part for part in parts if part[0]]

    @property
    def is_return(self) -> bool:
        return self.kind == InvoiceKind.RETURN

    @property
    def is_brought(self) -> bool:
        """Whether it is an open item of an old system, whose document others issued."""
        return self.kind == InvoiceKind.BROUGHT

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_on is not None


class PassedClaim(models.Model):
    """An invoice that a successor owes from a moment on, with what was open of it then, in yen."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="passed", verbose_name=_("invoice"))
    party = models.ForeignKey(
        "contracts.ContractParty", models.PROTECT, related_name="+", verbose_name=_("party to a contract")
    )
    from_organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("debtor before")
    )
    to_organisation = models.ForeignKey(
        "organisations.Organisation", models.PROTECT, related_name="+", verbose_name=_("debtor afterwards")
    )
    amount = models.BigIntegerField(_("Open amount"))
    recorded_at = models.DateTimeField(_("Recorded at"))

    class Meta:
        verbose_name = _("claim that passed to a successor")
        verbose_name_plural = _("claims that passed to successors")
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="passed_claim_not_negative"),
            NeverChanges(name="billing_passedclaim_stays", says="a claim that passed never changes"),
            NeverDeleted(name="billing_passedclaim_is_kept", says="a claim that passed is never deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.amount}"


class PlainDrawing(models.Model):
    """An invoice or return that was drawn the plain way, as the layout that it shares with others failed."""

    invoice = models.OneToOneField(
        Invoice, models.PROTECT, related_name="plain_drawing", verbose_name=_("invoice")
    )
    drawn_at = models.DateTimeField(_("Drawn at"), db_index=True)

    class Meta:
        verbose_name = _("document drawn without the shared layout")
        verbose_name_plural = _("documents drawn without the shared layout")

    def __str__(self) -> str:
        return self.invoice.number
