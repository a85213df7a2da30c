"""For each kind of data that goes: which rows are due, how one is named to staff, and what erases it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from contracts.applications.forgetting import forget_application
from contracts.customers.notes import erase_note
from contracts.inquiries.operations import erase_inquiry
from contracts.lifecycle.forgetting import erase_document, forget_contacts, remove_draft
from contracts.models import Application, ApplicationDraft, Contract, ContractDocument, CustomerNote, Inquiry
from contracts.rules.calendar.period import JAPAN
from portal.data_protection.erasing.accounts import forget_account
from portal.data_protection.models import ErasureItem
from portal.organisations.models import Organisation, User
from portal.outbox.keeping import forget_mail
from portal.outbox.models import Mail
from portal.retention.models import days_kept

Subject = User | Organisation


@dataclass(frozen=True, kw_only=True)
class Step:
    """How a kind goes.

    `due` gives the rows of a provider, by its code, that ended before a day; `of` those of somebody who asks
    for it. `erase` gets a row, who of the staff decided, and the day; it raises ValidationError for what
    can't go, and gives False for what has to wait.
    """

    kind: str
    model: type[Model]
    due: Callable[[str, date], QuerySet[Any]]
    of: Callable[[Subject, date], QuerySet[Any]]
    name: Callable[[Any], str]
    erase: Callable[[Any, User, date], object]

    def due_of(self, provider: str, day: date) -> QuerySet[Any]:
        """What is due of a provider on a day: its period has passed, and it is not erased yet."""
        ended_before = day - timedelta(days=days_kept(provider, self.kind))
        return self._left(self.due(provider, ended_before))

    def of_somebody(self, subject: Subject, day: date) -> QuerySet[Any]:
        """What can go of a person or an organisation that asks for it on a day."""
        return self._left(self.of(subject, day))

    def _left(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        erased = ErasureItem.objects.filter(
            kind=self.kind, model=self.model._meta.label_lower, done_at__isnull=False, left=False
        )
        return rows.exclude(pk__in=erased.values("object_id")).order_by("pk")


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), JAPAN)


def _failed(day: date) -> QuerySet[Application]:
    return Application.objects.filter(contract__isnull=True, decided_at__lt=_begin(day))


def _documents(day: date) -> QuerySet[ContractDocument]:
    over = Q(application__contract__ends_on__lt=day) | Q(request__contract__ends_on__lt=day)
    return ContractDocument.objects.filter(over, agreement__isnull=True)


def _settled_mails(day: date) -> QuerySet[Mail]:
    settled = Q(closed_at__isnull=False) | Q(taken_at__isnull=False, bounced_at__isnull=True)
    return Mail.objects.filter(settled, created_at__lt=_begin(day)).exclude(address="")


def _without_membership(day: date) -> QuerySet[User]:
    people = User.objects.filter(memberships__isnull=True, is_staff=False, is_superuser=False)
    last_seen = people.annotate(seen_at=Coalesce(F("last_login"), F("date_joined")))
    return last_seen.filter(seen_at__lt=_begin(day)).exclude(email__endswith="@erased.invalid")


def _mails_of(subject: Subject, day: date) -> QuerySet[Mail]:
    mails = _settled_mails(day + timedelta(days=1))
    if isinstance(subject, Organisation):
        return mails.filter(organisation=subject, created_at__lt=_begin(day))
    return mails.filter(address__in=addresses_of(subject))


def addresses_of(person: User) -> list[str]:
    """All e-mail addresses of a person."""
    further = EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    return list(dict.fromkeys([person.email, *further]))


def _only_of_person(rows: QuerySet[Any]) -> Callable[[Subject, date], QuerySet[Any]]:
    return lambda subject, day: rows.filter(pk=subject.pk) if isinstance(subject, User) else rows.none()


def _of_organisation(found: Callable[[Organisation, date], QuerySet[Any]], model: type[Any]) -> Any:
    def of(subject: Subject, day: date) -> QuerySet[Any]:
        return found(subject, day) if isinstance(subject, Organisation) else model._default_manager.none()

    return of


def _ended(day: date) -> QuerySet[Contract]:
    return Contract.objects.filter(ends_on__lt=day).select_related("service", "organisation")


def _no_drafts(provider: str, day: date) -> QuerySet[ApplicationDraft]:
    """Drafts go by themselves when their time is over."""
    return ApplicationDraft.objects.none()


STEPS: tuple[Step, ...] = (
    Step(
        kind="drafts",
        model=ApplicationDraft,
        due=_no_drafts,
        of=lambda subject, day: ApplicationDraft.objects.filter(
            **{"person" if isinstance(subject, User) else "organisation": subject}
        ),
        name=lambda draft: f"{draft.service} {draft.organisation}",
        erase=lambda draft, staff, day: remove_draft(draft),
    ),
    Step(
        kind="failed_applications",
        model=Application,
        due=lambda provider, day: _failed(day).filter(service__provider__code=provider),
        of=_of_organisation(lambda of, day: _failed(day).filter(organisation=of), Application),
        name=lambda application: f"{application.number} {application.organisation}",
        erase=forget_application,
    ),
    Step(
        kind="ended_contacts",
        model=Contract,
        due=lambda provider, day: _ended(day).filter(service__provider__code=provider),
        of=_of_organisation(lambda of, day: _ended(day).filter(organisation=of), Contract),
        name=lambda contract: f"{contract.number} {contract.organisation}",
        erase=forget_contacts,
    ),
    Step(
        kind="documents",
        model=ContractDocument,
        due=lambda provider, day: _documents(day).filter(
            Q(application__service__provider__code=provider)
            | Q(request__contract__service__provider__code=provider)
        ),
        of=_of_organisation(lambda of, day: _documents(day).filter(organisation=of), ContractDocument),
        name=lambda document: f"{document.name} {document.organisation}",
        erase=lambda document, staff, day: erase_document(document, staff),
    ),
    Step(
        kind="customer_notes",
        model=CustomerNote,
        due=lambda provider, day: CustomerNote.objects.filter(at__lt=_begin(day), provider__code=provider),
        of=_of_organisation(lambda of, day: CustomerNote.objects.filter(organisation=of), CustomerNote),
        name=lambda note: f"{note.organisation} {timezone.localdate(note.at)}",
        erase=lambda note, staff, day: erase_note(note, staff),
    ),
    Step(
        kind="inquiries",
        model=Inquiry,
        due=lambda provider, day: Inquiry.objects.filter(closed_at__lt=_begin(day), provider__code=provider),
        of=_of_organisation(lambda of, day: Inquiry.objects.filter(organisation=of), Inquiry),
        name=lambda inquiry: f"{inquiry.number} {inquiry.organisation}",
        erase=lambda inquiry, staff, day: erase_inquiry(inquiry, staff),
    ),
    Step(
        kind="mails",
        model=Mail,
        due=lambda provider, day: _settled_mails(day),
        of=_mails_of,
        name=lambda mail: f"{mail.subject} {mail.address}",
        erase=lambda mail, staff, day: forget_mail(mail),
    ),
    # Last: the addresses of an account lead to the e-mails to it.
    Step(
        kind="accounts",
        model=User,
        due=lambda provider, day: _without_membership(day),
        of=_only_of_person(User.objects.exclude(email__endswith="@erased.invalid")),
        name=lambda person: f"{person} {person.email}",
        erase=lambda person, staff, day: forget_account(person, staff, timezone.now()),
    ),
)


def step_of(kind: str) -> Step:
    """How a kind goes. KeyError for one that does not go by a decision."""
    return {step.kind: step for step in STEPS}[kind]
