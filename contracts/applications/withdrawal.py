"""Withdrawing an application, before service has started."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.applications.acceptance import drop_acceptance
from contracts.applications.identity import erase_identity_copies
from contracts.applications.judging import judge_withdrawal
from contracts.correspondence import contract_mails as mail
from contracts.lifecycle.claims import ask_for_costs
from contracts.lifecycle.items import end_contract
from contracts.models import Application, Contract, ContractRequest
from contracts.receipts.received import Received, ensure_asked_by, keep_paper
from contracts.rules.calendar.period import japan_date
from portal.audit.record import record
from portal.organisations.models import User


@transaction.atomic
def withdraw_application(
    application: Application, person: User, at: datetime, *, received: Received | None = None
) -> Application:
    """Withdraw an application, and with it the contract that it may have formed.

    Who holds the contract does that, or staff what was `received`, at the moment of receipt. Costs, where the
    terms charge them, are entered by staff in one sum (a task tells them). ValidationError for who may not
    act for it (`not_acting`, `no_right`), and where it was refused or withdrawn, or service has started (code
    `started`).
    """
    current = Application.objects.select_for_update().get(pk=application.pk)
    contract = Contract.objects.select_for_update().filter(application=current).first()
    acting = contract.organisation if contract else current.organisation
    version = current.governing_version
    ensure_asked_by(person, acting, received, version, contract.pk if contract else None)
    if current.status not in (Application.Status.SUBMITTED, Application.Status.ACCEPTED):
        raise ValidationError(
            _("%(number)s was already decided: %(status)s. Nothing was changed."),
            code="already_decided",
            params={"number": current.number, "status": current.get_status_display()},
        )
    decision = judge_withdrawal(current, at)
    ended = contract is not None and contract.ends_on is not None
    if decision.outcome == "refused" or ended:
        raise ValidationError(
            _("Service has started, or the contract ends already; please cancel the contract instead."),
            code="started",
        )
    current.status = Application.Status.WITHDRAWN
    current.decided_at, current.decided_by = at, person
    current.save()
    erase_identity_copies(current, person)
    if contract:
        end_contract(contract, japan_date(at), None, Contract.EndKind.WITHDRAWN)
        contract.requests.filter(status__in=ContractRequest.OPEN).update(
            status=ContractRequest.Status.WITHDRAWN, withdrawn_at=at
        )
        ask_for_costs(contract, decision, current.terms_version, at)
        drop_acceptance(contract)
    mail.application_withdrawn(current.pk)
    told = keep_paper(current, received)
    record("application.withdrawn", person, current, decision=decision.to_json(), at=at, **told)
    return current
