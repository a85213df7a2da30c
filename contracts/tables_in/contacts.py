"""Tables of contacts: whom to call about each contract."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contracts.lifecycle.stated import CONTACTS, enter_contacts
from contracts.models import Contract
from contracts.requests.data import LONGEST
from contracts.rules.policy.particulars import MAY_BE_NONE, PHONES
from contracts.wording.particulars import label_of
from portal.organisations.fields import FaxField, PhoneField, WrittenField
from portal.tables_in.columns import Column, WordsCell
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import in_batches

_EXAMPLES: Mapping[str, str] = {
    "contract_contact": "総務部 山田花子 03-1234-5678 hanako@example.co.jp",
    "phone": "03-1234-5678",
}


def _contact(key: str) -> Column:
    if key in PHONES:
        field = (FaxField if key in MAY_BE_NONE else PhoneField)(required=False)
        return Column(key=key, heading=label_of(key), field=field, example=_EXAMPLES.get(key, ""))
    return Column(
        key=key,
        heading=label_of(key),
        field=WrittenField(required=False, max_length=LONGEST),
        example=_EXAMPLES.get(key, ""),
        help=_("Where the terms ask for it. Empty: there is none."),
    )


class ContactTable(TableKind):
    """A row is a contract; what its cells say holds from the day on which the table is taken in."""

    key = "contacts"
    label = _("Contacts of contracts")
    says = _(
        "Whom to call about each contract: what the terms of its service ask for. What a cell says holds from"
        " today on; columns that are not there stay as they are."
    )
    right = "contracts.change_contract"
    order = 25
    once = ("contract",)
    columns = (
        Column(
            key="contract", heading=_("Contract number"), field=WordsCell(max_length=50), example="C26-000001"
        ),
        *map(_contact, CONTACTS),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        today, known = localdate(desk.at), {}
        for some in in_batches({row.values.get("contract") for row in rows if row.values.get("contract")}):
            known.update({one.number: one for one in self._contracts(desk).filter(number__in=some)})
        for row in rows:
            row.target = known.get(row.values.get("contract") or "")
            if row.target:
                row.now = _stated(row.target, today)
            elif row.values.get("contract"):
                row.refuse(gettext("There is no contract of this number."), "contract")

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        stated = {key: value for key, value in row.values.items() if key in CONTACTS}
        enter_contacts(row.target, stated, desk.staff, desk.at)

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        today = localdate(desk.at)
        for contract in self._contracts(desk).order_by("number").iterator(chunk_size=500):
            if contract.ends_on is None or contract.ends_on >= today:
                yield _stated(contract, today)

    def _contracts(self, desk: Desk) -> Any:
        found = Contract.objects.filter(service__provider=desk.provider).select_related("application")
        return found.prefetch_related("particulars", "parties")


def _stated(contract: Contract, today: date) -> dict[str, Any]:
    stated = contract.particulars_on(today)
    return {"contract": contract.number, **{key: stated.get(key, "") for key in CONTACTS}}
