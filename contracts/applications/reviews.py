"""Checks before a decision: credit, anti-social forces, duplicates; recorded by staff one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contracts.deciding.guards import ensure_others_decide, field_error, locked_undecided
from contracts.models import Application, ContractRequest, IdentityCheck, ReviewCheck
from contracts.rules.policy.review import CheckRule
from portal.audit.record import record
from portal.organisations.models import User

Reviewed = Application | ContractRequest
Kind = ReviewCheck.Kind
Result = ReviewCheck.Result


@dataclass(frozen=True)
class ChecklistEntry:
    """A check of the checklist. `rule` is that of the terms that ask for it, `done` what was found."""

    kind: Kind
    rule: CheckRule | None
    done: ReviewCheck | None

    @property
    def is_missing(self) -> bool:
        """Whether the terms ask for it, and it has not come out well."""
        return self.rule is not None and (self.done is None or self.done.result != Result.CLEAR)


def checklist(target: Reviewed) -> list[ChecklistEntry]:
    """Every check, with what the terms of the application or request ask for and what staff found.

    That of an identity stands in it where the terms know one, and is asked for where it always is, or staff
    demanded it.
    """
    what = target.kind if isinstance(target, ContractRequest) else "application"
    rules = {rule.kind: rule for rule in target.governing_version.policy.checks_before(what)}
    done = {check.kind: check for check in target.checks.select_related("by")}
    asked = {str(kind): rule for kind, rule in rules.items() if rule.when == "always" or _is_demanded(target)}
    return [
        ChecklistEntry(kind, asked.get(kind.value), done.get(kind.value))
        for kind in Kind
        if kind != Kind.IDENTITY or kind.value in {*map(str, rules), *done}
    ]


def _is_demanded(target: Reviewed) -> bool:
    """Whether staff demanded a proof of identity."""
    return isinstance(target, Application) and IdentityCheck.objects.filter(application=target).exists()


def missing_checks(target: Reviewed) -> Iterator[ValidationError]:
    """An error (code `checks_missing`) for each check that the terms ask for before an acceptance."""
    for entry in checklist(target):
        if entry.is_missing:
            found = entry.done is not None
            message = (
                _("The check “%(check)s” found something; refuse it, or record how it was settled.")
                if found
                else _("The terms ask for the check “%(check)s” first; record it in the checklist.")
            )
            yield ValidationError(message, code="checks_missing", params={"check": entry.kind.label})


def ensure_checked(target: Reviewed) -> None:
    """ValidationError (code `checks_missing`) unless every check that the terms ask for came out well."""
    missing = list(missing_checks(target))
    if missing:
        raise ValidationError(missing)


@transaction.atomic
def record_check(
    target: Reviewed, staff: User, kind: str, result: str, note: str, at: datetime
) -> ReviewCheck:
    """Record what a check found, instead of what was found before. A concern needs a note.

    ValidationError names `kind`, `result` or `note`, or says that the target was decided already, or that
    staff asked for it themselves (`own_request`).
    """
    current = locked_undecided(target)
    ensure_others_decide(staff, current)
    if kind not in Kind.values:
        raise field_error("kind", _("Choose a check of the list."), "unknown_check")
    if result not in Result.values:
        raise field_error("result", _("Choose what the check found."), "unknown_result")
    if result == Result.CONCERN and not note.strip():
        raise field_error("note", _("Write down what speaks against it."), "no_note")
    before = current.checks.filter(kind=kind).values("result", "note").first()
    check, _created = current.checks.update_or_create(
        kind=kind, defaults={"result": result, "note": note.strip(), "by": staff, "at": at}
    )
    record(
        "check.recorded",
        staff,
        current if isinstance(current, Application) else current.contract,
        number=current.number,
        check=kind,
        result=result,
        before={"result": before["result"]} if before else {},
        at=at,
        personal={"note": note.strip(), "before": {"note": before["note"]} if before else {}},
    )
    return check


@transaction.atomic
def record_checks(
    target: Reviewed, staff: User, findings: Mapping[str, tuple[str, str]], at: datetime
) -> list[ReviewCheck]:
    """Record several checks at once, all or none: result and note by kind. What is the same stays as it is.

    ValidationError names `result_<kind>` or `note_<kind>`, or as for `record_check`.
    """
    recorded = []
    for entry in checklist(target):
        found = findings.get(entry.kind.value)
        if found is None or (
            entry.done and (entry.done.result, entry.done.note) == (found[0], found[1].strip())
        ):
            continue
        try:
            recorded.append(record_check(target, staff, entry.kind.value, *found, at))
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                raise
            named = {f"{field}_{entry.kind.value}": errors for field, errors in error.error_dict.items()}
            raise ValidationError(named) from error
    return recorded
