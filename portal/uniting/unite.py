"""Uniting two organisations that are one: carried out when a second person approves it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal.approvals.models import Proposal
from portal.approvals.second_person import ensure_second_person
from portal.audit.record import record
from portal.organisations.acting import ensure_no_own_cause
from portal.organisations.models import Organisation, User
from portal.search.indexing import index_all
from portal.uniting.relations import RELATIONS

UNITING = "organisations_united"
"""The kind of proposals that unite organisations."""


def ensure_unitable(kept: Organisation, united: Organisation) -> None:
    """ValidationError (`united`) where two organisations can't become one: in words, with a code of its own.

    Codes: `itself`, `united_before` for one that is another already, `different_numbers` for two of which
    each has a corporate number confirmed.
    """
    if kept == united:
        raise _refusal(_("An organisation can't be united with itself. Choose the other one."), "itself")
    for one in (kept, united):
        if one.united_into:
            text = _("%(name)s (%(key)s) was united into %(into)s already.")
            values = {"name": one.name, "key": one.pk, "into": f"{one.united_into} ({one.united_into_id})"}
            raise _refusal(text % values, "united_before")
    if kept.number_confirmed_at and united.number_confirmed_at:
        text = _(
            "Both have a corporate number confirmed, %(kept)s and %(united)s: they are two corporations."
        )
        numbers = {"kept": kept.corporate_number, "united": united.corporate_number}
        raise _refusal(text % numbers, "different_numbers")


@transaction.atomic
def unite(
    kept: Organisation,
    united: Organisation,
    staff: User,
    at: datetime,
    *,
    approval: Proposal | None = None,
) -> Organisation:
    """Let one organisation be another from now on, with all that is its own; gives the one that stays.

    What states what was so, as invoices and consents do, stays as it is; the rest goes on with the one that
    stays, and so does a confirmed corporate number. ValidationError without the approval of a second person
    (`second_person`), for staff's own organisations (`own_request`), and as for `ensure_unitable`.
    """
    ensure_second_person(approval, UNITING)
    locked = Organisation.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, united.pk])
    found = {one.pk: one for one in locked.order_by("pk")}
    staying, going = found[kept.pk], found[united.pk]
    ensure_unitable(staying, going)
    for one in (staying, going):
        ensure_no_own_cause(staff, one)
    counts = {}
    for relation in RELATIONS:
        counts[f"{relation.label}.{relation.field}"] = relation.of(going).count()
        if relation.carry:
            relation.carry(staying, going, at)
    _hand_number_on(staying, going)
    index_all([staying, going])
    record(
        "organisation.united",
        staff,
        staying,
        united=going.pk,
        counts={key: count for key, count in counts.items() if count},
    )
    return staying


def _hand_number_on(staying: Organisation, going: Organisation) -> None:
    confirmed, number = going.number_confirmed_at, going.corporate_number
    going.united_into, going.number_confirmed_at = staying, None
    going.save(update_fields=["united_into", "number_confirmed_at"])
    if confirmed or not staying.corporate_number:
        staying.corporate_number = number
        staying.number_confirmed_at = confirmed or staying.number_confirmed_at
        staying.save(update_fields=["corporate_number", "number_confirmed_at"])


def _refusal(text: str, code: str) -> ValidationError:
    return ValidationError({"united": ValidationError(text, code=code)})
