"""Everything that waits for staff because of money, each kind once."""

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from billing.inbox import work
from billing.models import BillingRun, ChargeDifference, OutageClaim, RefusedUsage, SetOffDeclaration
from billing.receivables.balances import overdue_on
from billing.receivables.late.due_reminders import for_reminder
from billing.receivables.late.grounds import for_termination
from billing.receivables.open_items import (
    credit_that_covers,
    entries_to_match,
    payouts_to_transfer,
    unpaid_deposits,
)
from contracts.extensions.waiting import Listed, Source
from contracts.inbox.proposals import proposals_to_approve
from portal.outbox.kinds import kinds_about
from portal.outbox.models import Mail

_SUSPENSION = _("Unpaid: suspension is possible")
_TERMINATION = _("Unpaid: termination is possible")

SOURCES = (
    proposals_to_approve(
        "approval_billing", _("Proposals about money to approve"), ("billing",), "billing.invoice"
    ),
    Source(
        key="runs",
        label=_("Billing runs to approve"),
        listed=Listed(
            "billing.billingrun",
            lambda: BillingRun.objects.filter(status=BillingRun.Status.PREVIEWED),
            "status__exact=previewed",
        ),
    ),
    Source(
        key="differences_to_decide",
        label=_("Differences to decide"),
        listed=Listed(
            "billing.chargedifference",
            lambda: ChargeDifference.objects.filter(state=ChargeDifference.State.LISTED),
            "state__exact=listed",
        ),
    ),
    Source(
        key="differences_found",
        label=_("Differences that the next billing settles"),
        listed=Listed(
            "billing.chargedifference",
            lambda: ChargeDifference.objects.filter(state=ChargeDifference.State.FOUND),
            "state__exact=found",
        ),
    ),
    Source(
        key="money_to_post",
        label=_("Invoices and letters about money to post"),
        listed=Listed(
            "outbox.mail",
            lambda: Mail.objects.to_post().filter(kind__in=kinds_about("billing")),
            "state=to_post&kind=billing",
            "billing.invoice",
        ),
    ),
    Source(
        key="money_mails",
        label=_("E-mails about money to look at"),
        listed=Listed(
            "outbox.mail",
            lambda: Mail.objects.to_look_at().filter(kind__in=kinds_about("billing")),
            "state=look_at&kind=billing",
            "billing.invoice",
        ),
    ),
    Source(
        key="refused_usage",
        label=_("Refused usage rows"),
        listed=Listed(
            "billing.refusedusage",
            lambda: RefusedUsage.objects.filter(settled_at__isnull=True),
            "settled_at__isempty=1",
        ),
    ),
    Source(
        key="overdue",
        label=_("Overdue invoices"),
        listed=Listed("billing.invoice", lambda: overdue_on(localdate()), "state=overdue"),
    ),
    Source(
        key="bank_entries",
        label=_("Bank entries to match"),
        listed=Listed("billing.banktransaction", entries_to_match, "status__exact=open"),
    ),
    Source(
        key="credit",
        label=_("Credit that covers an open invoice"),
        listed=Listed("billing.creditbalance", credit_that_covers, "covers=invoice"),
    ),
    Source(
        key="outage_claims",
        label=_("Claims for outages to decide on"),
        queued=work.OUTAGE_CLAIMS,
        listed=Listed("billing.outageclaim", OutageClaim.objects.waiting, "state__exact=submitted"),
    ),
    Source(
        key="set_off_declarations",
        label=_("Declared set-offs to answer"),
        queued=work.SET_OFF_DECLARATIONS,
        listed=Listed(
            "billing.setoffdeclaration", SetOffDeclaration.objects.waiting, "state__exact=submitted"
        ),
    ),
    Source(
        key="deposits",
        label=work.DEPOSITS_LABEL,
        queued=work.DEPOSITS,
        listed=Listed("billing.deposit", lambda: unpaid_deposits(localdate()), "received_on__isempty=1"),
    ),
    Source(
        key="payouts",
        label=_("Payouts without a transfer file"),
        listed=Listed("billing.payout", payouts_to_transfer, "batch__isempty=1"),
    ),
    Source(
        key="reminders",
        label=_("Reminders to issue"),
        listed=Listed("billing.reminder", lambda: for_reminder(localdate()), ""),
    ),
    Source(
        key="price_lists",
        label=_("Price lists of the catalog to propose"),
        queued=work.PRICE_LISTS,
        listed=Listed("billing.broughtpricelist", work.price_lists_to_propose),
    ),
    Source(key="price", label=_("Prices to enter, by quotation"), queued=work.PRICES),
    Source(
        key="unpaid_suspension",
        label=_SUSPENSION,
        queued=work.unpaid("unpaid_suspension", _SUSPENSION, leads_to="suspension"),
    ),
    Source(
        key="unpaid_termination",
        label=_TERMINATION,
        queued=work.unpaid("unpaid_termination", _TERMINATION, leads_to="termination"),
        listed=Listed("billing.invoice", lambda: for_termination(localdate()), "unpaid=termination"),
    ),
    Source(key="paid", label=work.PAID_LABEL, queued=work.PAID),
    Source(key="former_debts", label=work.FORMER_LABEL, queued=work.FORMER),
)
