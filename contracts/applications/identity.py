"""Proof of an applicant's identity (本人確認): demanded, handed in as a copy or shown in person, and seen."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from contracts.applications.questions import answer_question, ask_applicant
from contracts.applications.reviews import record_check
from contracts.deciding.guards import ensure_others_decide, field_error, locked_undecided
from contracts.lifecycle.documents import attach_document
from contracts.models import Application, ContractDocument, IdentityCheck, ReviewCheck
from contracts.rules.calendar.period import japan_date
from contracts.rules.policy.review import CheckRule
from contracts.wording.links import article_label
from portal.audit.record import record
from portal.kept_files import remove_on_commit
from portal.organisations.models import User

How = IdentityCheck.How


@dataclass(frozen=True)
class Seen:
    """That staff saw a document: when, whose it was, of what kind, and whether as a copy or in person."""

    how: str
    document: str
    person: str
    seen_on: date


def identity_rule(application: Application) -> CheckRule | None:
    """The rule by which the terms of an application let its applicant's identity be proved; None without."""
    checks = application.governing_version.policy.checks_before("application")
    return next((rule for rule in checks if rule.kind == "identity"), None)


def identity_of(application: Application) -> IdentityCheck | None:
    """What was demanded and seen of an application; None where nothing was."""
    return IdentityCheck.objects.filter(application=application).first()


def is_awaited(application: Application) -> bool:
    """Whether a proof of identity was demanded of an undecided application, and not seen yet."""
    found = identity_of(application)
    return application.is_open and found is not None and found.seen_on is None


@transaction.atomic
def demand_identity(application: Application, staff: User, reason: str, at: datetime) -> IdentityCheck:
    """Demand a proof of identity, which the acceptance waits for then, and ask the applicant for it.

    ValidationError (`reason`) without a reason, where the terms know no such proof, for a second time, and
    as for all that is decided (`already_decided`, `own_request`).
    """
    current = locked_undecided(application)
    ensure_others_decide(staff, current)
    rule = identity_rule(current)
    if rule is None:
        raise ValidationError(_("The terms ask for no proof of identity."), code="unknown_check")
    if not reason.strip():
        raise field_error("reason", _("Please give the reason."), "no_reason")
    if identity_of(current):
        raise ValidationError(_("A proof of identity was demanded or seen already."), code="demanded")
    demanded = IdentityCheck.objects.create(
        application=current, reason=reason.strip(), demanded_at=at, demanded_by=staff
    )
    record(
        "identity.demanded",
        staff,
        current,
        number=current.number,
        at=at,
        personal={"reason": demanded.reason},
    )
    ask_applicant(current, staff, _question(current, rule, demanded.reason), at)
    return demanded


def _question(application: Application, rule: CheckRule, reason: str) -> str:
    """What the applicant is asked for, in the language of the application."""
    with override(application.language):
        articles = "、".join(article_label(application.terms_version, key) for key in rule.article)
        text = _(
            "This application takes a proof of identity (%(articles)s). Please hand in a copy of an identity"
            " document with a photograph on the application's page in the portal, or show it to us in person."
            " The copy is erased once we have seen it.\n\nReason: %(reason)s"
        )
        return text % {"articles": articles, "reason": reason}


@transaction.atomic
def hand_in_identity(
    application: Application, person: User, name: str, content: bytes, at: datetime
) -> ContractDocument:
    """Hand in the copy that was demanded; it answers the question. Raises as `attach_document` does.

    ValidationError (`not_demanded`) where none is awaited.
    """
    kinds = _identity_documents(application)
    if not kinds or not is_awaited(application):
        raise ValidationError(_("No proof of identity is awaited."), code="not_demanded")
    document = attach_document(application, person, name, content, at, kind=kinds[0])
    if application.is_asked_back:
        with override(application.language):
            answer = _("The copy of the identity document was handed in.")
        answer_question(application, person, answer, at)
    return document


@transaction.atomic
def record_identity(application: Application, staff: User, seen: Seen, at: datetime) -> IdentityCheck:
    """Record that a document proved the applicant's identity; copies of it are erased with that.

    ValidationError names `how`, `document`, `person` or `seen_on`, and is raised where the terms know no such
    proof, or it was seen before, and as for all that is decided (`already_decided`, `own_request`).
    """
    current = locked_undecided(application)
    ensure_others_decide(staff, current)
    if identity_rule(current) is None:
        raise ValidationError(_("The terms ask for no proof of identity."), code="unknown_check")
    _ensure_complete(current, seen, at)
    proof = identity_of(current) or IdentityCheck(application=current)
    if proof.seen_on:
        raise ValidationError(_("The proof of identity was seen already."), code="seen")
    proof.how, proof.document, proof.person = seen.how, seen.document, seen.person.strip()
    proof.seen_on, proof.seen_by = seen.seen_on, staff
    proof.save()
    record(
        "identity.seen",
        staff,
        current,
        number=current.number,
        how=seen.how,
        document=seen.document,
        seen_on=seen.seen_on,
        at=at,
        personal={"person": proof.person},
    )
    record_check(current, staff, ReviewCheck.Kind.IDENTITY, ReviewCheck.Result.CLEAR, "", at)
    erase_identity_copies(current, staff)
    return proof


def _ensure_complete(application: Application, seen: Seen, at: datetime) -> None:
    if seen.how not in How.values:
        raise field_error("how", _("Choose one."), "unknown_how")
    if seen.document not in IdentityCheck.Document.values:
        raise field_error("document", _("Choose one."), "unknown_document")
    if not seen.person.strip():
        raise field_error("person", _("Enter this."), "no_person")
    if seen.seen_on > japan_date(at):
        raise field_error("seen_on", _("This day is still to come."), "future")
    if seen.how == How.COPY and not _copies(application):
        raise field_error("how", _("No copy of an identity document was handed in."), "no_copy")


def erase_identity_copies(application: Application, person: User) -> None:
    """Erase the copies of identity documents of an application, in the transaction that ends their use."""
    for document in _copies(application):
        remove_on_commit(str(document.file))
        record(
            "identity.copy_erased",
            person,
            application,
            number=application.number,
            content_hash=document.content_hash,
            uploaded_at=document.uploaded_at,
        )
        document.delete()


def _copies(application: Application) -> list[ContractDocument]:
    return list(application.documents.filter(kind__in=_identity_documents(application)))


def _identity_documents(application: Application) -> list[str]:
    """The keys of the documents that prove an identity, as the terms name them."""
    asked = application.governing_version.policy.application.documents
    return [document.key for document in asked if document.identity]
