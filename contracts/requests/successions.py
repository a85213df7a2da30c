"""Succession: somebody else takes the customer's place, with every debt."""

from dataclasses import replace
from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.guards import field_error, locked_contract
from contracts.models import Contract, ContractParticular, ContractParty, ContractRequest
from contracts.models.request_data import SuccessionData, Successor
from contracts.requests.kind import Context, Handler, effective_on
from contracts.rules.calendar.period import japan_date
from contracts.rules.decision import Decision, step
from contracts.rules.life.change import Change
from contracts.rules.policy.particulars import OF_THE_CUSTOMER, SENT_TO
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Membership, Organisation, User
from portal.organisations.operations import OrganisationDetails, create_organisation


class Succession(Handler):
    """A succession that took place, or a transfer that the provider is to approve."""

    def check(self, request: ContractRequest) -> None:
        super().check(request)
        contract, wanted_on = request.contract, cast(date, request.wanted_on)
        if contract.formed_on is None or wanted_on < contract.formed_on:
            raise ValidationError({"wanted_on": _("That day lies before the contract.")})
        if contract.ends_on and wanted_on > contract.ends_on:
            raise ValidationError({"wanted_on": _("The contract ends before that day.")})
        if wanted_on > japan_date(request.submitted_at):
            raise ValidationError({"wanted_on": _("Report a succession once it has taken place.")})

    def decide(self, request: ContractRequest, on: date | None) -> Decision:
        decision = cast(Change, super().decide(request, on))
        rule = request.governing_version.policy.succession
        steps = list(decision.steps)
        if rule and rule.debts:
            steps.append(step(rule.debts, "succession.debts", None))
        if rule and rule.representative and len(_data(request).successors) > 1:
            steps.append(step(rule.representative, "succession.representative", None))
        return replace(decision, steps=tuple(steps))

    def take_effect(self, request: ContractRequest, context: Context) -> None:
        data = _data(request)
        named = data.representative is not None or len(data.successors) == 1
        chosen = (data.representative or 0) if named else context.representative
        if chosen is None or not 0 <= chosen < len(data.successors):
            raise field_error(
                "representative",
                _("No representative was named; pick one of the successors."),
                "no_representative",
            )
        party = ContractParty(
            contract=request.contract,
            starts_on=effective_on(request),
            named_by=ContractParty.NamedBy.CUSTOMER if named else ContractParty.NamedBy.PROVIDER,
            representative=chosen,
            successors=[one.model_dump() for one in data.successors],
            cause=data.cause,
            request=request,
        )
        _take_place(party, request, context.successor)


def _data(request: ContractRequest) -> SuccessionData:
    return cast(SuccessionData, request.data)


def _take_place(party: ContractParty, reported: ContractRequest, organisation: Organisation | None) -> None:
    """Store the party, and let its organisation act for the contract from now on."""
    contract = party.contract
    successor = Successor.model_validate(party.successors[party.representative])
    party.organisation = organisation or _registered(successor, reported.requested_by)
    party.save()
    contract.organisation = party.organisation
    contract.save(update_fields=["organisation"])
    _forget_predecessor(contract, party.starts_on)


def _forget_predecessor(contract: Contract, on: date) -> None:
    """What the predecessor reported of itself no longer holds: the successor's own data do."""
    stated = {*contract.particulars.values_list("key", flat=True), *contract.application.particulars}
    ContractParticular.objects.bulk_create(
        ContractParticular(contract=contract, key=key, starts_on=on)
        for key in (*OF_THE_CUSTOMER, SENT_TO)
        if key in stated
    )


def _registered(successor: Successor, person: User) -> Organisation:
    """A new organisation of the successor, with the person who reported the succession as its owner.

    ValidationError (`successor`, code `reporter_gone`) where that person acts for nobody any more.
    """
    if not Membership.objects.acting().filter(user=person).exists():
        raise field_error(
            "successor",
            _("Who reported the succession has left. Choose the successor's organisation in the portal."),
            "reporter_gone",
        )
    return create_organisation(
        person,
        OrganisationDetails(
            name=successor.name,
            kana=successor.kana,
            corporate_number=successor.corporate_number,
            postal_code=successor.postal_code,
            address=successor.address,
            phone=successor.phone,
            invoice_email=successor.email,
        ),
    )


@transaction.atomic
def name_representative(
    contract: Contract, actor: User, place: int, on: date, *, organisation: Organisation | None = None
) -> ContractParty:
    """Let another of several successors represent them from a day on, as they reported.

    `place` is the successor's place in the list of the succession. ValidationError where there are not
    several, for a place that there is not, for a day before the last change, and for an organisation of the
    actor's own (`own_request`).
    """
    current = locked_contract(contract)
    if organisation:
        ensure_no_own_cause(actor, organisation)
    last = current.parties.order_by("starts_on", "pk").last()
    if last is None or last.request is None or len(last.successors) < 2:
        raise ValidationError(_("There are not several successors."), code="not_several")
    if not 0 <= place < len(last.successors):
        raise ValidationError({"representative": _("Name one of the successors.")})
    if on < last.starts_on:
        raise ValidationError({"on": _("That day lies before the last change.")})
    party = ContractParty(
        contract=current,
        starts_on=on,
        named_by=ContractParty.NamedBy.CUSTOMER,
        representative=place,
        successors=last.successors,
        cause=last.cause,
        request=last.request,
    )
    _take_place(party, last.request, organisation)
    record("contract.representative_named", actor, current, representative=place, on=on)
    return party
