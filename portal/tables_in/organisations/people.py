"""Tables of the people who act for organisations, with what each may do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.organisations.members.changing import BY_STAFF
from portal.organisations.members.inviting import invite
from portal.organisations.members.rights import Entitled, Given, Right, Role
from portal.organisations.models import Invitation, Membership, Organisation
from portal.staffing.reach import within
from portal.tables_in.columns import YES_OR_NO, ChoiceCell, Column
from portal.tables_in.kinds import Desk, Row, TableKind
from portal.tables_in.organisations.finding import (
    find_each,
    in_batches,
    keep_naming,
    named,
    naming_columns,
)


class NumbersCell(forms.CharField):
    """Numbers of contracts, with signs or blanks between them."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        for sign in "、，,;；\n\t　":
            text = text.replace(sign, " ")
        return ", ".join(sorted(set(text.split())))


def _may(key: str, right: Right) -> Column:
    return Column(
        key=key,
        heading=right.label,
        field=ChoiceCell(YES_OR_NO, required=False),
        example=True,
        help=_("Yes or no; empty means no. Owners may do everything."),
    )


class PeopleTable(TableKind):
    """Who is new is invited by e-mail. Roles of who is a member are changed by the owners."""

    key = "people"
    label = _("People and roles")
    says = _(
        "Who acts for an organisation, and what they may do. Each person who is new gets an invitation by"
        " e-mail, and chooses a password of their own. Owners change the roles of members themselves."
    )
    right = BY_STAFF
    of_provider = False
    order = 20
    once = ("organisation", "corporate_number", "name", "email")
    columns = (
        *naming_columns(),
        Column(
            key="email",
            heading=_("E-mail address"),
            field=forms.EmailField(max_length=254),
            example="taro@example.co.jp",
        ),
        Column(
            key="role",
            heading=_("Role"),
            field=ChoiceCell(dict(Role.choices)),
            example=Role.MEMBER,
            help=_("Owner or member. The first person of an organisation should be an owner."),
        ),
        _may("handles_contracts", Right.CONTRACTS),
        _may("handles_billing", Right.BILLING),
        Column(
            key="limited_to",
            heading=_("Only certain contracts"),
            field=NumbersCell(required=False, max_length=2000),
            help=_("Numbers of contracts with commas between them; empty for all contracts."),
        ),
    )

    def look_up(self, rows: Sequence[Row], desk: Desk) -> None:
        def meant(row: Row, organisation: Organisation) -> None:
            row.target = organisation

        for row in rows:
            self._as_given(row)
        find_each(rows, desk, meant)
        known = self._known({row.target.pk for row in rows if row.target})
        contracts = _contract_keys(rows)
        for row in rows:
            if row.target is None:
                continue
            entitled = known.get((row.target.pk, row.values.get("email") or ""))
            if entitled:
                row.now = _stated(entitled)
                row.note = gettext("Invited") if isinstance(entitled, Invitation) else ""
                keep_naming(row)
            row.target = (row.target, contracts)

    def _as_given(self, row: Row) -> None:
        """As it would be stored: addresses in small letters, and of owners nothing but that."""
        if "email" in row.values:
            row.values["email"] = row.values["email"].lower()
        for key in ("handles_contracts", "handles_billing"):
            if key in row.values:
                row.values[key] = bool(row.values[key])
        if row.values.get("role") == Role.OWNER:
            row.values.update(
                {key: False for key in ("handles_contracts", "handles_billing") if key in row.values}
            )
            if "limited_to" in row.values:
                row.values["limited_to"] = ""

    def _known(self, organisations: set[int]) -> dict[tuple[int, str], Entitled]:
        found: dict[tuple[int, str], Entitled] = {}
        for some in in_batches(organisations):
            invited = Invitation.objects.open().filter(organisation__in=some)
            for one in invited.select_related("organisation").prefetch_related("contracts"):
                found[one.organisation_id, one.email.lower()] = one
            members = Membership.objects.filter(organisation__in=some)
            for member in members.select_related("user", "organisation").prefetch_related("contracts"):
                found[member.organisation_id, member.user.email.lower()] = member
        return found

    def bring(self, unit: Sequence[Row], desk: Desk) -> None:
        (row,) = unit
        organisation, contracts = row.target
        if row.now is not None:
            raise ValidationError(
                gettext(
                    "This person is a member or invited already, with other roles. An owner of the"
                    " organisation changes these."
                )
            )
        numbers = [one for one in (row.get("limited_to") or "").split(", ") if one]
        missing = [number for number in numbers if (organisation.pk, number) not in contracts]
        if missing:
            text = gettext("The organisation has no contract of this number: %(numbers)s.")
            raise ValidationError({"limited_to": text % {"numbers": gettext(", ").join(missing)}})
        given = Given(
            role=row.values["role"],
            handles_contracts=bool(row.get("handles_contracts")),
            handles_billing=bool(row.get("handles_billing")),
            limited_to={contracts[organisation.pk, number] for number in numbers} if numbers else None,
        )
        invite(organisation, desk.staff, row.values["email"], given, desk.at)

    def stored(self, desk: Desk) -> Iterator[Mapping[str, Any]]:
        standing = within(desk.staff, Organisation.objects.filter(united_into__isnull=True))
        for model, rows in (
            (Membership, Membership.objects.acting()),
            (Invitation, Invitation.objects.open()),
        ):
            found: Any = rows.filter(organisation__in=standing.values("pk")).select_related("organisation")
            found = found.select_related("user") if model is Membership else found
            for one in found.prefetch_related("contracts").order_by("organisation", "pk"):
                yield _stated(one)


def _contract_keys(rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    """The keys of the contracts that rows name, by their organisation and number."""
    numbers = {one for row in rows for one in (row.values.get("limited_to") or "").split(", ") if one}
    model: Any = Membership._meta.get_field("contracts").related_model
    found: dict[tuple[int, str], int] = {}
    for some in in_batches(numbers):
        named_so = model._base_manager.filter(number__in=some)
        for key, organisation, number in named_so.values_list("pk", "organisation", "number"):
            found[organisation, number] = key
    return found


def _stated(entitled: Entitled) -> dict[str, Any]:
    one = cast(Any, entitled)
    is_invited = isinstance(entitled, Invitation)
    numbers = sorted(contract.number for contract in one.contracts.all()) if one.is_limited else []
    return {
        **named(one.organisation),
        "email": (one.email if is_invited else one.user.email).lower(),
        "role": one.role,
        "handles_contracts": one.handles_contracts,
        "handles_billing": one.handles_billing,
        "limited_to": ", ".join(numbers),
    }
