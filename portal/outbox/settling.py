"""What staff do about e-mails: send them again, say from evidence that one went out, leave it at that."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.outbox.delivery import taken
from portal.outbox.kinds import kind_of
from portal.outbox.models import Mail, new_message_id
from portal.outbox.tasks import send_soon

State = Mail.State
UNSENT = (State.INTERRUPTED, State.REFUSED)
OUT = (State.TAKEN, State.POSTED, State.BOUNCED)
AGAIN = (*UNSENT, *OUT)
TO_LEAVE = (*UNSENT, State.BOUNCED)


@transaction.atomic
def send_again(mail: Mail, staff: models.Model, at: datetime) -> Mail:
    """Let an e-mail go out again, to the address of now; gives the one that waits.

    One that was interrupted or refused waits again itself. One that the server took, or that came back, stays
    as it is, and another one goes out. ValidationError for one that waits or is being sent, or of which
    another one does, where what it says is no longer so (`over`), for what somebody asks for anew
    (`asked_anew`), and where a secret in it was erased. HeldBackError.
    """
    ensure_free()
    current = _locked(mail)
    before, claimed_at, files = current.state, current.claimed_at, current.attachments
    if before not in AGAIN:
        raise ValidationError(_("This e-mail is sent without that."), code="not_needed")
    if current.expires_at:
        raise ValidationError(
            _("Codes and links are not sent again. Please have the person ask for another one."),
            code="asked_anew",
        )
    _ensure_still_so(current)
    if current.secret_erased_at:
        raise ValidationError(
            _("What was secret in this e-mail has been erased; it can't be sent again."), code="erased"
        )
    address = kind_of(current.kind).address(current)
    waiting = _another(current, address, at) if before in OUT else _waiting_again(current, address, at)
    if before == State.BOUNCED:
        Mail.objects.filter(pk=current.pk).update(closed_at=at)
    record(
        "mail.again",
        staff,
        waiting,
        kind=current.kind,
        number=current.number,
        before=before,
        claimed_at=claimed_at,
        files=[file["hash"] for file in files],
        personal={"address": address},
    )
    send_soon()
    return waiting


def _waiting_again(mail: Mail, address: str, at: datetime) -> Mail:
    if mail.interrupted_at:
        mail.doubted_at = mail.doubted_at or mail.claimed_at
    mail.claimed_at = mail.interrupted_at = mail.refused_at = mail.closed_at = mail.failing_since = None
    mail.claimed_by, mail.trouble, mail.tries = "", "", 0
    mail.address, mail.due_at = address, at
    mail.save()
    return mail


def _another(mail: Mail, address: str, at: datetime) -> Mail:
    first = _locked(mail.again_of or mail)
    if any(one.state in (State.WAITING, State.TO_POST, State.SENDING) for one in first.again.all()):
        raise ValidationError(_("This e-mail is being sent again already."), code="being_sent")
    return Mail.objects.create(
        kind=mail.kind,
        about=mail.about,
        number=mail.number,
        key=f"{first.key}#{first.again.count() + 2}",
        again_of=first,
        organisation_id=mail.organisation_id,
        address=address,
        language=mail.language,
        sender_name=mail.sender_name,
        sender_address=mail.sender_address,
        reply_to=mail.reply_to,
        message_id=new_message_id(),
        subject=mail.subject,
        text=mail.text,
        data=mail.data,
        secret=mail.secret,
        created_at=at,
        due_at=at,
    )


@transaction.atomic
def went_out_at(mail: Mail, staff: models.Model, at: datetime, evidence: str, now: datetime) -> Mail:
    """Store, from evidence such as the mail server's log, when an e-mail went out that was interrupted.

    That may have been at an earlier try, and may be known of one whose content is no longer so, too.
    ValidationError for another one, without `evidence`, and (`at`) for a moment before it was handed over,
    after `now`, or that its kind refuses.
    """
    current = _locked(mail)
    begun = current.doubted_at or current.claimed_at
    if not current.may_be_out or begun is None:
        raise ValidationError(_("Only of an interrupted e-mail it is not known."), code="not_needed")
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say how you know that it went out.")})
    if not begun - timedelta(minutes=1) <= at <= now:
        raise ValidationError(
            {"at": _("It was handed over after that moment.") if at <= now else _("This moment is to come.")}
        )
    kind_of(current.kind).check_moment(current, at)
    taken(current, at)
    record(
        "mail.went_out",
        staff,
        current,
        kind=current.kind,
        number=current.number,
        at=at,
        personal={"evidence": evidence.strip()},
    )
    return current


@transaction.atomic
def leave(mail: Mail, staff: models.Model, at: datetime) -> Mail:
    """Settle an e-mail that was interrupted, refused or came back without sending it again.

    ValidationError for another one.
    """
    current = _locked(mail)
    if current.state not in TO_LEAVE or current.closed_at:
        raise ValidationError(_("There is nothing to settle about this e-mail."), code="not_needed")
    current.closed_at = at
    current.save(update_fields=["closed_at"])
    record("mail.left", staff, current, kind=current.kind, number=current.number, state=current.state)
    return current


def _ensure_still_so(mail: Mail) -> None:
    if kind_of(mail.kind).is_over(mail):
        raise ValidationError(
            _("What this e-mail says is no longer so: it was withdrawn or cancelled."), code="over"
        )


def _locked(mail: Mail) -> Mail:
    return Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
