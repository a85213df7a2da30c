"""What the terms say of withdrawing an application."""

from datetime import datetime

from contracts.models import Application, Contract
from contracts.policies.rulebooks import rulebook_for
from contracts.rules.calendar.period import japan_date
from contracts.rules.life.withdrawal import Withdrawal


def judge_withdrawal(application: Application, at: datetime) -> Withdrawal:
    """What the terms that were agreed to say of a withdrawal at a moment: possible or not, and its costs."""
    contract = Contract.objects.filter(application=application).first()
    return rulebook_for(application.governing_version).withdrawal(
        japan_date(at),
        contract.formed_on if contract else None,
        contract.service_starts_on if contract else None,
    )
