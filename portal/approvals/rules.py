"""Where a provider lets one person decide."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.approvals.models import Proposal, ProviderRule
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.models import User

RULE = "second_person"


@transaction.atomic
def set_rule(
    provider: str,
    alone: bool,
    amounts: Mapping[str, int],
    reason: str,
    staff: User,
    at: datetime,
    *,
    approval: Proposal | None = None,
) -> ProviderRule:
    """Let one person decide for a provider, by its code: in everything, or up to amounts in yen by kind.

    ValidationError without a reason, and without the approval of a second person (`second_person`).
    """
    ensure_second_person(approval, RULE)
    if not reason.strip():
        raise ValidationError({"reason": _("Please give the reason.")})
    rule, _created = ProviderRule.objects.update_or_create(
        provider=provider,
        defaults={
            "alone": alone,
            "amounts": {kind: amount for kind, amount in amounts.items() if amount},
            "reason": reason.strip(),
            "switched_by": staff,
            "switched_at": at,
        },
    )
    record(
        "second_person.rule_set",
        staff,
        rule,
        provider=provider,
        alone=alone,
        amounts=rule.amounts,
        personal={"reason": rule.reason},
    )
    return rule
