"""Print files: made of what waits to be posted, recorded as posted, printed again, or discarded."""

from datetime import date, datetime, time

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from contracts.models import PostedMail, Posting, Provider
from contracts.rules.calendar.period import JAPAN, Month, japan_date
from contracts.wording.formats import day_text
from portal.audit.record import record
from portal.installation.holding import ensure_free
from portal.kept_files import remove_on_commit
from portal.organisations.models import User
from portal.outbox.delivery import taken
from portal.outbox.kinds import all_kinds, kind_of, kinds_about, mails_seen_by
from portal.outbox.models import Mail
from portal.staffing.reach import reached_at

What = Posting.What
CLOSING = time(17)
"""What was posted on an earlier day counts as out by this hour."""

MOST = 2000
"""So many things one print file holds; the rest waits for the next."""


def waiting_for(staff: User) -> QuerySet[Mail]:
    """What waits to be posted and is in no print file as yet, of the kinds that somebody may see."""
    in_files = PostedMail.objects.filter(posting__discarded_at__isnull=True, posting__reprint_of__isnull=True)
    return Mail.objects.to_post().filter(mails_seen_by(staff)).exclude(pk__in=in_files.values("mail"))


def to_post(
    provider: Provider, staff: User, what: str = What.ALL, month: Month | None = None
) -> QuerySet[Mail]:
    """What of it is a provider's, and as it is asked for."""
    found = waiting_for(staff).filter(_of_provider(provider))
    if what != What.ALL:
        found = found.filter(kind__in=kinds_about(what))
    if month:
        first, after = (datetime.combine(day, time(), JAPAN) for day in (month.first, (month + 1).first))
        found = found.filter(created_at__gte=first, created_at__lt=after)
    return found.order_by("pk")


def _of_provider(provider: Provider) -> Q:
    """Mails about what leads to a provider."""
    by_model: dict[str, list[str]] = {}
    for kind in all_kinds():
        by_model.setdefault(kind.model, []).append(kind.key)
    found = Q(pk__in=())
    for label, keys in by_model.items():
        model = apps.get_model(label)
        reached = reached_at(model, provider.pk)
        if reached is not None:
            own = model._base_manager.filter(reached).order_by().values("pk")
            found |= Q(kind__in=keys, about__in=own)
    return found


@transaction.atomic
def make_posting(provider: Provider, staff: User, what: str, month: Month | None, at: datetime) -> Posting:
    """Have a print file made of what waits to be posted.

    `what` is one of `Posting.What`, `month` the one in which it was written; None for all. ValidationError
    for an unknown `what`, and where nothing waits (`nothing`). HeldBackError.
    """
    ensure_free()
    if what not in What.values:
        raise ValidationError({"what": _("Choose what is to be printed.")})
    Provider.objects.select_for_update().get(pk=provider.pk)
    waiting = list(to_post(provider, staff, what, month)[:MOST])
    if not waiting:
        raise ValidationError(_("Nothing waits to be posted."), code="nothing")
    posting = Posting.objects.create(
        provider=provider, what=what, month=str(month) if month else "", made_at=at, made_by=staff
    )
    PostedMail.objects.bulk_create(PostedMail(posting=posting, mail=mail) for mail in waiting)
    record("posting.made", staff, posting, what=what, month=posting.month, count=len(waiting), at=at)
    return posting


@transaction.atomic
def print_again(posting: Posting, staff: User, at: datetime) -> Posting:
    """Have what was posted, or lost before, printed once more: a file of its own, marked as a reprint.

    ValidationError for one that is not drawn, was discarded, or is a reprint itself (`not_printed`).
    """
    ensure_free()
    current = _locked(posting)
    if current.drawn_at is None or current.discarded_at or current.reprint_of_id:
        raise ValidationError(_("Only what was printed can be printed again."), code="not_printed")
    again = Posting.objects.create(
        provider=current.provider,
        what=current.what,
        month=current.month,
        reprint_of=current,
        made_at=at,
        made_by=staff,
    )
    contents = current.contents.values_list("mail", flat=True)
    PostedMail.objects.bulk_create(PostedMail(posting=again, mail_id=mail) for mail in contents)
    record("posting.printed_again", staff, again, of=current.number, count=len(contents), at=at)
    return again


@transaction.atomic
def mark_posted(posting: Posting, staff: User, on: date, at: datetime) -> Posting:
    """Record that the envelopes of a print file were posted on a day; what is in them counts as sent then.

    ValidationError before it is drawn, the second time, or once discarded (`not_ready`), and (`on`) for a day
    before it was made, one to come, or another one than a letter states that forms a contract.
    """
    current = _locked(posting)
    if current.state != Posting.State.READY:
        raise ValidationError(
            _("%(number)s is not ready to be posted: %(state)s."),
            code="not_ready",
            params={"number": current.number, "state": current.state.label},
        )
    drawn_at = current.drawn_at or at
    if not japan_date(drawn_at) <= on <= japan_date(at):
        raise ValidationError({"on": _("Enter a day from that of the print file to today.")})
    moment = at if on == japan_date(at) else max(drawn_at, datetime.combine(on, CLOSING, JAPAN))
    current.posted_on, current.posted_at, current.posted_by = on, at, staff
    current.save()
    if not current.reprint_of_id:
        _let_out(current, moment)
    record(
        "posting.posted",
        staff,
        current,
        on=on,
        envelopes=current.envelopes,
        pages=current.pages,
        documents=current.contents.count(),
        at=at,
    )
    return current


def _let_out(posting: Posting, moment: datetime) -> None:
    """What was in the envelopes went out; ValidationError (`on`) for what states another day."""
    wrong = []
    for thing in posting.contents.select_related("mail"):
        try:
            kind_of(thing.mail.kind).check_moment(thing.mail, moment)
        except ValidationError:
            wrong.append(thing.mail.number)
        taken(thing.mail, moment)
    if wrong:
        message = _(
            "These letters state the day on which they were drawn, %(day)s, and take effect by it:"
            " %(numbers)s. Were they posted on another day, discard the file and print them anew."
        )
        day = day_text(japan_date(posting.drawn_at or posting.made_at))
        raise ValidationError({"on": message % {"day": day, "numbers": ", ".join(sorted(set(wrong)))}})


@transaction.atomic
def discard(posting: Posting, staff: User, at: datetime) -> Posting:
    """Throw a print file away that was not posted; what was in it waits again.

    ValidationError once it was posted, or discarded (`not_ready`).
    """
    current = _locked(posting)
    if current.posted_on or current.discarded_at:
        raise ValidationError(
            _("%(number)s can't be discarded: %(state)s."),
            code="not_ready",
            params={"number": current.number, "state": current.state.label},
        )
    current.discarded_at, current.leased_until = at, None
    if current.pdf:
        remove_on_commit(str(current.pdf))
        current.pdf, current.pdf_hash = "", ""
    current.save()
    record("posting.discarded", staff, current, count=current.contents.count(), at=at)
    return current


def _locked(posting: Posting) -> Posting:
    return Posting.objects.select_for_update(of=("self",)).select_related("provider").get(pk=posting.pk)


def all_seen_by(staff: User) -> QuerySet[Posting]:
    """The print files of which somebody may see all that is in them."""
    hidden = Mail.objects.exclude(mails_seen_by(staff))
    return Posting.objects.exclude(contents__mail__in=hidden)
