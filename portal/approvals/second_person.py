"""What operations ask: whether what they are to do was decided as it has to be."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.approvals.models import Proposal, ProviderRule


def ensure_second_person(approval: Proposal | None, *kinds: str) -> None:
    """ValidationError (code `second_person`) unless an operation carries out what was decided.

    `approval` is the approved proposal that is being carried out; it must be of one of the kinds.
    """
    if approval and approval.kind in kinds and approval.is_being_carried_out:
        return
    raise ValidationError(
        _("This takes a second person. Propose it; it is carried out when somebody else approves it."),
        "second_person",
    )


def rule_of(provider: str) -> ProviderRule:
    """Where a provider, by its code, lets one person decide; nowhere until it says so."""
    return ProviderRule.objects.filter(provider=provider).first() or ProviderRule(provider=provider)
