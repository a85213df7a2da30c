"""Notices to customers: written, checked against the lead times of the terms, sent, read."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import Notice, NoticeDelivery
from contracts.notices.check import NoticeCheck, check_notice, effective_at
from contracts.notices.mail import unsaved_mail
from contracts.notices.recipients import Recipient, recipients
from contracts.notices.stop_texts import write_stop
from contracts.rules.calendar.period import japan_date
from contracts.wording.formats import day_text
from contracts.wording.links import article_label
from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.organisations.acting import ensure_acts_for
from portal.organisations.members.rights import Right
from portal.organisations.models import Organisation, User
from portal.outbox.queue import enqueue_all

Channel = NoticeDelivery.Channel
LATE_NOTICE = "late_notice"
"""The kind of proposal that sends a notice later than the terms allow."""


@transaction.atomic
def draft_notice(notice: Notice, staff: User | None) -> Notice:
    """Store a notice that is not sent yet, new or written again; of a stop, what is left out is written here.

    ValidationError names the fields that don't fit, or says that the notice is out already.
    """
    before = _locked_draft(notice) if notice.pk else None
    if notice.purpose in Notice.STOPS:
        write_stop(notice)
    if before is None:
        notice.created_by = staff
    notice.full_clean()
    notice.save()
    record(
        "notice.rewritten" if before else "notice.drafted",
        staff,
        notice,
        subject=notice.subject,
        before={"subject": before.subject} if before and before.subject != notice.subject else {},
    )
    return notice


def _locked_draft(notice: Notice) -> Notice:
    current = Notice.objects.select_for_update().get(pk=notice.pk)
    if current.sent_at:
        raise ValidationError(_("The notice was sent; it stays as it is."), code="sent_already")
    return current


@transaction.atomic
def send_notice(
    notice: Notice,
    staff: User,
    at: datetime,
    *,
    override_reason: str = "",
    approval: Proposal | None = None,
) -> Notice:
    """Post a notice on the site for everybody it concerns, and queue its e-mails and letters.

    ValidationError (`override_reason`) where the notice is too late by the terms in force: it names the
    earliest lawful day. With a reason it goes out all the same, if a second person approved that
    (`second_person`). ValidationError also where it was sent before, concerns nobody,
    or lacks what the terms ask for (`incomplete`). HeldBackError.
    """
    ensure_free()
    current = _locked_draft(notice)
    check = check_notice(current, at)
    if check is None:
        raise ValidationError(_("No terms of this service are in force."), code="no_terms")
    if check.missing:
        raise ValidationError(incomplete_text(check), code="incomplete")
    told = list(recipients(current, japan_date(at)))
    if not told:
        raise ValidationError(_("The notice concerns no contract."), code="nobody")
    if not check.in_time:
        current.override_reason = _accepted_reason(check, current, override_reason.strip(), approval)
    current.sent_at, current.sent_by, current.governing_version = at, staff, check.version
    current.save()
    deliveries = [delivery for recipient in told for delivery in _deliveries(current, recipient, at)]
    stored = NoticeDelivery.objects.bulk_create(deliveries, batch_size=500)
    enqueue_all(unsaved_mail(one, timezone.now()) for one in stored if one.channel == Channel.EMAIL)
    record(
        "notice.sent",
        staff,
        current,
        subject=current.subject,
        organisations=len(told),
        decisions={channel: decision.to_json() for channel, decision in check.decisions.items()},
        at=at,
        personal={"override_reason": current.override_reason},
    )
    return current


def _accepted_reason(check: NoticeCheck, notice: Notice, reason: str, approval: Proposal | None) -> str:
    """The reason for sending a notice too late; ValidationError without one, or without an approval."""
    if not reason:
        raise ValidationError({"override_reason": too_late_text(check, notice)}, code="too_late")
    ensure_second_person(approval, LATE_NOTICE)
    return reason


def incomplete_text(check: NoticeCheck) -> str:
    """What the terms ask for that a notice does not say, or whom it does not reach, with the articles."""
    lacks = _(", ").join(str(_MISSING[one]) for one in check.missing)
    articles = _(", ").join(article_label(check.version, key) for key in check.articles)
    shown = {"lacks": lacks, "articles": articles}
    return _("The terms ask for this, which the notice lacks: %(lacks)s (%(articles)s).") % shown


def since_text(check: NoticeCheck) -> str:
    """How long after the fact a notice is given for which the terms name no day, with the articles."""
    since = check.since or timedelta()
    articles = _(", ").join(article_label(check.version, key) for key in check.articles)
    shown = {"days": since.days, "hours": since.seconds // 3600, "articles": articles}
    return (
        _(
            "Given %(days)s days and %(hours)s hours after it was over. The terms name no number of days:"
            " judge yourself whether that is prompt (%(articles)s)."
        )
        % shown
    )


_MISSING = {
    "reason": gettext_lazy("the reason of the stop"),
    "period": gettext_lazy("the period of the stop, with its end"),
    "all": gettext_lazy("all customers of the service as recipients"),
}


def too_late_text(check: NoticeCheck, notice: Notice) -> str:
    """What is wrong with a notice that is not in time, the earliest lawful day, and the articles."""
    articles = _(", ").join(article_label(check.version, key) for key in check.articles)
    shown = {"day": day_text(notice.effective_on), "articles": articles}
    if check.earliest_effective_on is None:
        return _("The terms ask for a letter (%(articles)s); send it by letter as well.") % shown
    shown["earliest"] = day_text(check.earliest_effective_on)
    return (
        _(
            "Sent now, the notice is too late for %(day)s: the earliest lawful effective date is"
            " %(earliest)s (%(articles)s). A manager may approve that it is sent all the same,"
            " with a reason."
        )
        % shown
    )


def _deliveries(notice: Notice, recipient: Recipient, at: datetime) -> list[NoticeDelivery]:
    """The lines of the ledger for one organisation; the postings on the site are out at once."""
    found, own = [], recipient.organisation.invoice_email
    for person in recipient.people or (None,):
        if person is None and own:
            found.append(_delivery(notice, recipient, Channel.EMAIL, None, own))
        elif person and person in recipient.mailed:
            found.append(_delivery(notice, recipient, Channel.EMAIL, person, person.email))
        posting = _delivery(notice, recipient, Channel.SITE, person, "")
        posting.sent_at = at
        posting.effective_at = effective_at(posting)
        found.append(posting)
    found += [_delivery(notice, recipient, Channel.EMAIL, None, address) for address in _named(recipient)]
    if notice.by_letter or not (recipient.people or own):
        found.append(_delivery(notice, recipient, Channel.LETTER, None, recipient.organisation.address))
    return found


def _named(recipient: Recipient) -> list[str]:
    """Whom the terms name, but for the invoice address where that gets it in place of people."""
    own = recipient.organisation.invoice_email
    return [address for address in recipient.named if recipient.people or address != own]


def _delivery(
    notice: Notice, recipient: Recipient, channel: Channel, person: User | None, address: str
) -> NoticeDelivery:
    return NoticeDelivery(
        notice=notice,
        organisation=recipient.organisation,
        person=person,
        channel=channel,
        address=address,
        language=recipient.language,
    )


@transaction.atomic
def mark_read(notice: Notice, organisation: Organisation, person: User, at: datetime) -> NoticeDelivery:
    """Note in the ledger that a member read a notice on the site, the first time; once is enough.

    Who joined after it was sent gets a line of their own. DoesNotExist where the organisation was not told;
    ValidationError (code `not_acting`) for who is no member of it.
    """
    ensure_acts_for(person, organisation, Right.READ)
    postings = NoticeDelivery.objects.select_for_update().filter(
        notice=notice, organisation=organisation, channel=Channel.SITE
    )
    posting = postings.filter(person=person).first()
    if posting is None:
        first = postings.order_by("pk")[0:1].get()
        posting = NoticeDelivery(
            notice=notice,
            organisation=organisation,
            person=person,
            channel=Channel.SITE,
            language=first.language,
            sent_at=first.sent_at,
        )
    if posting.read_at is None:
        posting.read_at = posting.arrived_at = at
        posting.effective_at = effective_at(posting)
        posting.save()
        record("notice.read", person, posting, notice=notice.pk)
    return posting
