"""What staff, or a sales agent, enter for a customer: who may, how it came, and what is kept of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contracts.deciding.agents import acts_as_agent, customers_of
from contracts.lifecycle.documents import content_type_of, keep_document
from contracts.models import Application, ContractRequest, Receipt, SalesAgent, Service, TermsVersion
from contracts.models.document import PAPER
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.receipt import ReceiptRule
from contracts.wording.formats import day_text, moment_text
from contracts.wording.links import article_label
from contracts.wording.policies import CHANNELS
from portal.organisations.acting import ensure_acts_for, ensure_no_own_cause
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.staffing.reach import ensure_reaches

APPLICATION = "application"
"""What rules on receipt call an application; a request they call by the key of its kind."""

LATER = "later"
"""What they call all that follows: answers, documents, withdrawals."""

LONG_AGO = timedelta(days=31)
"""What was received so long before it is entered has to be confirmed."""


@dataclass(frozen=True)
class Paper:
    """A scanned paper, as a file; `kind` is the key of the document in the policy, for one of those."""

    name: str
    content: bytes
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came beside the portal, and who enters it.

    `at` is the moment of receipt, from which the rules count; `entered_at` that of the entry. `sender` is
    whom the paper names, or who called. `exception` says why a way is taken that the terms do not name,
    `long_ago` that a moment so far back is right. `proofs` are further documents that came with it.
    """

    channel: str
    at: datetime
    staff: User
    entered_at: datetime
    sender: str
    note: str = ""
    exception: str = ""
    long_ago: bool = False
    paper: Paper | None = None
    proofs: tuple[Paper, ...] = ()


def ensure_may_enter(
    person: User, organisation: Organisation | None, service: Service, agent: SalesAgent | None = None
) -> SalesAgent | None:
    """The sales agent for which somebody enters something; None for staff of the service's provider.

    `agent` is who sells what it is about, None where nobody does; no organisation is for a customer that is
    not registered yet. ValidationError for who acts neither for the provider nor for the agent (`not_staff`),
    for a member of the organisation (`own_request`), and (`organisation`) for no customer of the agent.
    """
    if person.is_staff:
        ensure_reaches(person, service)
    elif agent is None or not acts_as_agent(person, agent):
        text = _("Only the provider's staff, and who acts for the sales agent, enter what came on paper.")
        raise ValidationError(text, "not_staff")
    if organisation:
        ensure_no_own_cause(person, organisation)
    if person.is_staff or agent is None:
        return None
    if organisation:
        _ensure_customer(organisation, agent)
    return agent


def _ensure_customer(organisation: Organisation, agent: SalesAgent) -> None:
    """ValidationError (`organisation`) for one that is known, and no customer of the agent's organisation."""
    own = SalesAgent.objects.filter(organisation=agent.organisation_id)
    related = (organisation.memberships, organisation.applications, organisation.contracts)
    is_known = any(rows.exists() for rows in related)
    if is_known and not customers_of(own, localdate()).filter(pk=organisation.pk).exists():
        message = _("This organisation is no customer of yours. Enter it as the paper states it.")
        raise ValidationError({"organisation": ValidationError(message, code="no_customer")})


def ensure_received(received: Received, version: TermsVersion, what: str, *, with_files: bool = True) -> None:
    """ValidationError, naming the fields of `Received`, for what can't have been received like that.

    `what` is `application`, or the key of a kind of request; `version` governs it. Without `with_files` they
    are still to be attached.
    """
    errors = dict(_problems(received, version, what))
    if with_files:
        errors |= dict(_problems_of_files(received))
    if errors:
        raise ValidationError(errors)


def _problems(received: Received, version: TermsVersion, what: str) -> Iterator[tuple[str, ValidationError]]:
    moment = _problem_of_moment(received)
    if moment:
        yield moment
    if received.channel not in Receipt.Channel.values:
        yield "channel", ValidationError(_("Choose how it was received."), code="unknown_channel")
        return
    rule = version.policy.receipt_of(what)
    if rule and received.channel not in rule.channels and not received.exception.strip():
        yield "exception", _not_named(received.channel, rule, version)
    if not received.sender.strip():
        yield "sender", ValidationError(_("Enter who sent it, or called."), code="no_sender")
    if received.channel == Receipt.Channel.PHONE and not received.note.strip():
        yield "note", ValidationError(_("Write down what was said on the telephone."), code="no_note")


def _problems_of_files(received: Received) -> Iterator[tuple[str, ValidationError]]:
    if received.paper:
        yield from _problems_of_file("paper", received.paper)
    elif received.channel != Receipt.Channel.PHONE:
        yield "paper", ValidationError(_("Attach the scanned paper, or the e-mail as PDF."), code="no_paper")
    for proof in received.proofs:
        yield from _problems_of_file(f"document_{proof.kind}" if proof.kind else "proof", proof)


def _problem_of_moment(received: Received) -> tuple[str, ValidationError] | None:
    if received.at > received.entered_at:
        return "at", ValidationError(_("The moment of receipt lies in the future."), code="future")
    if received.entered_at - received.at > LONG_AGO and not received.long_ago:
        message = _("That was more than %(days)s days ago. Please confirm that %(moment)s is right.")
        params = {"days": LONG_AGO.days, "moment": moment_text(received.at)}
        return "long_ago", ValidationError(message, code="long_ago", params=params)
    return None


def _not_named(channel: str, rule: ReceiptRule, version: TermsVersion) -> ValidationError:
    between = pgettext("between things", ", ")
    message = _(
        "By the terms (%(articles)s) this is received by these ways: %(named)s. It came by another one"
        " (%(channel)s): refuse it to the customer, or enter here why it is taken all the same."
    )
    params = {
        "articles": _(", ").join(article_label(version, key) for key in rule.article),
        "named": between.join(str(CHANNELS[one]) for one in rule.channels),
        "channel": CHANNELS[channel],
    }
    return ValidationError(message, code="channel_not_named", params=params)


def _problems_of_file(field: str, file: Paper) -> Iterator[tuple[str, ValidationError]]:
    try:
        content_type_of(file.name, file.content)
    except ValidationError as error:
        yield field, error.error_dict["file"][0]


def ensure_asked_by(
    person: User,
    organisation: Organisation,
    received: Received | None,
    version: TermsVersion,
    *contracts: int | None,
) -> None:
    """ValidationError for who may not act for an organisation, or enter for it what was `received`.

    `version` governs what it is about; `contracts` are those that it is about, by primary keys.
    """
    if received is None:
        ensure_acts_for(person, organisation, Right.CONTRACTS, *contracts)
        return
    ensure_may_enter(person, organisation, version.service)
    ensure_received(received, version, LATER)


def keep_paper(asked: Application | ContractRequest, received: Received | None) -> dict[str, Any]:
    """Keep the paper of something that came later; gives what the audit trail holds of it."""
    if received is None:
        return {}
    if received.paper:
        _keep(asked, received, replace(received.paper, kind=PAPER))
    return told_of_receipt(received)


def keep_receipt(
    asked: Application | ContractRequest, received: Received, what: str, agent: SalesAgent | None
) -> Receipt:
    """Store how something was received, with its paper; by an agent, if one entered it.

    Runs inside the caller's transaction.
    """
    rule = asked.governing_version.policy.receipt_of(what)
    receipt = Receipt.objects.create(
        application=asked if isinstance(asked, Application) else None,
        request=asked if isinstance(asked, ContractRequest) else None,
        channel=received.channel,
        received_at=received.at,
        entered_at=received.entered_at,
        entered_by=received.staff,
        entered_for=agent,
        sender=received.sender.strip(),
        note=received.note.strip(),
        exception=received.exception.strip(),
        original_awaited=bool(rule and received.channel in rule.original_after),
    )
    if received.paper:
        _keep(asked, received, replace(received.paper, kind=PAPER))
    for proof in received.proofs:
        _keep(asked, received, proof)
    return receipt


def _keep(asked: Application | ContractRequest, received: Received, file: Paper) -> None:
    digest = hashlib.sha256(file.content).hexdigest()
    if not asked.documents.filter(content_hash=digest).exists():
        keep_document(asked, received.staff, file.name, file.content, received.entered_at, kind=file.kind)


def told_of_receipt(received: Received) -> dict[str, Any]:
    """What the audit trail holds of it, beside what was asked for."""
    paper = hashlib.sha256(received.paper.content).hexdigest() if received.paper else ""
    return {
        "channel": received.channel,
        "received_at": received.at,
        "entered_at": received.entered_at,
        "paper": paper,
    }


def personal_of_receipt(received: Received) -> dict[str, str]:
    """What of it tells of persons."""
    stated = {"sender": received.sender, "receipt_note": received.note, "exception": received.exception}
    return {key: value.strip() for key, value in stated.items() if value.strip()}


def receipt_text(receipt: Receipt) -> str:
    """In one line how something was received, as customers and staff read it."""
    by_agent = _("%(channel)s, received %(moment)s; entered by %(agent)s on %(day)s")
    by_provider = _("%(channel)s, received %(moment)s; entered by the provider on %(day)s")
    return (by_agent if receipt.entered_for else by_provider) % {
        "channel": receipt.get_channel_display(),
        "moment": moment_text(receipt.received_at),
        "agent": receipt.entered_for,
        "day": day_text(japan_date(receipt.entered_at)),
    }
