"""Uniting two organisations as a proposal to a second person: what it changes, counted by kind of thing."""

from collections.abc import Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from contracts.deciding.customers import ensure_all_theirs
from portal.approvals.kinds import Kind, Line, OvertakenError, Subject
from portal.approvals.models import Proposal
from portal.organisations.models import Organisation, User
from portal.uniting.relations import RELATIONS, Relation
from portal.uniting.unite import UNITING, ensure_unitable, unite


class UnitingData(BaseModel):
    """The organisation that stays, and the one that becomes part of it, by their keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kept: int
    united: int


def _both(wanted: UnitingData) -> tuple[Organisation, Organisation]:
    found = Organisation.objects.select_related("united_into").in_bulk([wanted.kept, wanted.united])
    kept, united = found[wanted.kept], found[wanted.united]
    if kept.united_into or united.united_into:
        try:
            ensure_unitable(kept, united)
        except ValidationError as refusal:
            raise OvertakenError(" ".join(refusal.messages)) from refusal
    return kept, united


def _subject(wanted: UnitingData) -> Subject:
    kept, united = _both(wanted)
    return Subject(about=kept, name=f"{united} → {kept}", provider="", organisation=kept)


def lines(wanted: UnitingData) -> Iterator[Line]:
    """What each of the two is and has, and what becomes of that."""
    kept, united = _both(wanted)
    yield Line(gettext("Becomes part of"), f"{united} ({united.pk})", f"{kept} ({kept.pk})")
    for name in ("kana", "corporate_number", "address", "phone", "invoice_email"):
        label = capfirst(str(Organisation._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        yield Line(label, str(getattr(united, name)), str(getattr(kept, name)))
    for relation in RELATIONS:
        going, staying = relation.of(united).count(), relation.of(kept).count()
        if relation.grows:
            yield Line(_named(relation), "", str(relation.becomes))
        elif going:
            told = gettext("%(count)s: %(becomes)s") % {"count": staying, "becomes": relation.becomes}
            yield Line(_named(relation), str(going), told)


def _named(relation: Relation) -> str:
    """What a relation is of, with the field that names the organisation."""
    field = relation.model._meta.get_field(relation.field)
    name = getattr(field, "verbose_name", relation.field)
    return gettext("%(things)s (%(field)s)") % {
        "things": relation.model._meta.verbose_name_plural,
        "field": name,
    }


def _unite(wanted: UnitingData, approval: Proposal, at: datetime) -> str:
    kept, united = _both(wanted)
    unite(kept, united, approval.proposed_by, at, approval=approval)
    return gettext("%(united)s is %(kept)s from now on.") % {"united": united, "kept": kept}


def _ensure_theirs(wanted: UnitingData, staff: User) -> None:
    ensure_all_theirs(staff, *Organisation.objects.filter(pk__in=[wanted.kept, wanted.united]))


UNITED = Kind(
    key=UNITING,
    label=_("Uniting of two organisations"),
    data=UnitingData,
    right="organisations.change_organisation",
    subject=_subject,
    lines=lines,
    carry_out=_unite,
    form=lambda wanted: reverse("admin:organisations_organisation_unite", args=[wanted.kept]),
    ensure=_ensure_theirs,
)
