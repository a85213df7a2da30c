"""Tables of organisations: what each states of itself."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.organisations.company.entered import CHANGE, correct_organisation, enter_organisation
from portal.organisations.fields import AddressField, KanaField, PhoneField, PostalCodeField
from portal.organisations.models import Organisation
from portal.organisations.operations import OrganisationDetails
from portal.staffing.reach import within
from portal.tables_in.columns import YES_OR_NO, ChoiceCell, Column
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import CORPORATE_NUMBER, NUMBER, Found, name_column

SAID = "same_party"
"""Is said with a row, and no part of what is stored."""


class OrganisationTable(TableKind):
    """New organisations are registered without members; of known ones what the cells say is corrected."""

    key = "organisations"
    label = _("Organisations")
    says = _(
        "Names, numbers, addresses and contacts of customers. A row means the organisation of its number in"
        " the portal, else of its corporate number, else of its name; otherwise it is a new one."
    )
    right = CHANGE
    of_provider = False
    order = 10
    once = ("organisation", "corporate_number", "name")
    columns = (
        NUMBER,
        name_column(is_stored=True),
        Column(
            key="kana",
            heading=_("Name in kana"),
            field=KanaField(required=False, max_length=200),
            example="サンプルショウジ",
            also=("カナ", "フリガナ"),
        ),
        CORPORATE_NUMBER,
        Column(key="postal_code", heading=_("Postal code"), field=PostalCodeField(), example="100-0001"),
        Column(
            key="address", heading=_("Address"), field=AddressField(), example="東京都千代田区千代田１－１"
        ),
        Column(
            key="phone", heading=_("Phone"), field=PhoneField(), example="03-1234-5678", also=("電話", "TEL")
        ),
        Column(
            key="invoice_email",
            heading=_("E-mail address for invoices"),
            field=forms.EmailField(max_length=254),
            example="keiri@example.co.jp",
        ),
        Column(
            key=SAID,
            heading=_("The name alone changes"),
            field=ChoiceCell(YES_OR_NO, required=False),
            help=_(
                "Yes where a known customer gets another name and stays the same company, body or person."
                " Where another one takes its place, this is a succession, and no matter of this table."
            ),
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        found = Found(rows, desk)
        meant: dict[object, Row] = {}
        for row in rows:
            row.target = found.of(row)
            same = row.target.pk if row.target else row.values.get("corporate_number") or row
            if (before := meant.setdefault(same, row)) is not row:
                row.refuse(_("Row %(row)s means the same organisation.") % {"row": before.number})
            if row.target:
                row.now = self._stated(row.target) | {SAID: row.values.get(SAID)}
            if not row.values.get("organisation"):
                row.values.pop("organisation", None)

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        stated = {key: value for key, value in row.values.items() if key not in ("organisation", SAID)}
        if row.target:
            correct_organisation(row.target, stated, desk.staff, same_party=bool(row.values.get(SAID)))
        else:
            enter_organisation(OrganisationDetails(**stated), desk.staff)

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        standing = within(desk.staff, Organisation.objects.filter(united_into__isnull=True))
        yield from map(self._stated, standing.order_by("pk").iterator(chunk_size=2000))

    def _stated(self, organisation: Organisation) -> dict[str, Any]:
        stated = {
            column.key: getattr(organisation, column.key, "") for column in self.columns if column.key != SAID
        }
        return {**stated, "organisation": organisation.pk}
