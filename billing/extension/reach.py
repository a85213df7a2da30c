"""How what billing stores leads to its provider."""

from typing import Any

from django.db.models import Q

from billing.models import UsageRecord
from portal.organisations.models import Organisation
from portal.staffing.reach import Providers, Way, by_paths, within


def _usage_imports(staff: Any, providers: Providers) -> Q:
    """The files of which a row is usage of a contract of some providers, and those that staff brought."""
    rows = UsageRecord.objects.filter(providers.at("contract__service__provider"))
    return Q(imported_by=staff.pk) | Q(pk__in=rows.values("imported"))


def _refused_rows(staff: Any, providers: Providers) -> Q:
    """What was refused in a file that one of the staff brought: nobody can say whose customer it is of."""
    rows = UsageRecord.objects.filter(providers.at("contract__service__provider"))
    others = UsageRecord.objects.exclude(pk__in=rows.values("pk"))
    theirs_alone = Q(imported__in=rows.values("imported")) & ~Q(imported__in=others.values("imported"))
    return Q(imported__imported_by=staff.pk) | theirs_alone


def _payer_names(staff: Any, providers: Providers) -> Q:
    return Q(organisation__in=within(staff, Organisation.objects.order_by()))


WAYS: dict[str, Way] = {
    **by_paths(
        "billing",
        {
            "provider": (
                "bankaccount",
                "billingrun",
                "creditbalance",
                "debitmandate",
                "invoice",
                "invoicecounter",
                "reminder",
                "setoff",
                "setoffdeclaration",
                "statementofaccount",
            ),
            "service__provider": ("broughtpricelist", "pricelistversion"),
            "contract__service__provider": (
                "adjustment",
                "chargedifference",
                "comparison",
                "deposit",
                "invoicedelsewhere",
                "outageclaim",
                "recordedoutage",
                "specialprice",
                "usagerecord",
            ),
            "account__provider": ("bankimport", "banktransaction", "directdebitbatch", "payoutbatch"),
            "balance__provider": ("creditentry", "payout"),
            "invoice__provider": ("invoicemail", "passedclaim", "payment", "plaindrawing", "reminderline"),
            "deposit__contract__service__provider": ("depositletter", "deposituse"),
            "letter__provider": ("depositmail",),
            "batch__account__provider": ("directdebitline",),
            "run__provider": ("billingchunk", "previewline"),
        },
    ),
    "billing.usageimport": _usage_imports,
    "billing.refusedusage": _refused_rows,
    "billing.payername": _payer_names,
}
