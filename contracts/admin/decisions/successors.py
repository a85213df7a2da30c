"""Which organisation in the portal takes a customer's place: staff find it, and see how it differs."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from contracts.inbox.lookalikes import organisations_named
from contracts.models import ContractParty
from contracts.requests.successors import Successor
from contracts.wording.particulars import label_of
from portal.organisations.models import Organisation, User
from portal.organisations.widgets import SearchedSelect
from portal.staffing.reach import within

FIELDS = ("successor", "other_successor", "differs_knowingly")
_COMPARED = ("name", "kana", "corporate_number", "postal_code", "address", "phone")


class SuccessorChoice(forms.Form):
    """The successor among the organisations in the portal; with none chosen it is registered anew."""

    successor = forms.ChoiceField(
        label=_("The successor in the portal"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Offered are organisations of the same corporate number or name."),
    )
    other_successor = forms.ModelChoiceField(
        Organisation.objects.filter(united_into__isnull=True),
        label=_("Another organisation in the portal"),
        required=False,
        help_text=_("Search by name, kana, corporate number or e-mail address."),
    )
    differs_knowingly = forms.BooleanField(
        label=_("It is the successor, although it is registered with other data"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        party = cast("ForeignKey[Any, Any]", ContractParty._meta.get_field("organisation"))
        other = cast("forms.ModelChoiceField[Any]", self.fields["other_successor"])
        other.widget = SearchedSelect(party, admin.site, choices=other.choices)


def alike(candidates: tuple[Successor, ...], staff: User) -> list[tuple[str, Any]]:
    """The organisations that may be one of the reported successors, as choices of `successor`.

    Those that staff reach: a customer of other providers alone is unknown to them.
    """
    offered: list[tuple[str, Any]] = [("", gettext("A new organisation, as it was reported"))]
    for one in candidates:
        known = within(staff, organisations_named(one.name, one.corporate_number))
        offered += [(str(found.pk), f"{found.name}（{found.address}）") for found in known]
    return list(dict.fromkeys(offered))


def chosen_successor(typed: dict[str, Any], reported: Successor) -> Organisation | None:
    """The organisation that was chosen for a reported successor; None where it is to be registered.

    ValidationError where two were chosen, and where the one differs from what was reported and staff have
    not said that they know (`differs_knowingly`, code `differs`).
    """
    offered, other = typed.get("successor"), typed.get("other_successor")
    if offered and other and str(other.pk) != offered:
        raise ValidationError({"other_successor": _("Choose one organisation, here or above.")})
    organisation: Organisation | None = other
    if offered and organisation is None:
        organisation = Organisation.objects.get(pk=offered)
    if organisation and not typed.get("differs_knowingly"):
        found = list(differences(reported, organisation))
        if found:
            raise ValidationError({"differs_knowingly": found}, code="differs")
    return organisation


def differences(reported: Successor, organisation: Organisation) -> Iterator[str]:
    """What an organisation states otherwise than was reported; what was not reported is not compared."""
    for key in _COMPARED:
        said, known = getattr(reported, key), getattr(organisation, key)
        if said and said != known:
            yield gettext("%(what)s: reported “%(reported)s”, in the portal “%(known)s”") % {
                "what": label_of(key),
                "reported": said,
                "known": known or "—",
            }
