"""Forms of the members' page: what somebody is given, and who is invited."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.organisations.members.giving import given_by
from portal.organisations.members.rights import Entitled, Given, Right, Role
from portal.organisations.models import Organisation

_WORK: list[tuple[str, Any]] = [
    (Right.CONTRACTS.value, _("Contracts (applications, requests, consents)")),
    (Right.BILLING.value, _("Billing (statements, set-offs, claims for outages)")),
    (Right.SALES.value, _("Sales agent (applications, contracts and requests of its customers)")),
]
"""What a member can be given to do; the last where the organisation is a sales agent."""


class ContractsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # none at run time
    """Contracts by service and number."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.service.name} {obj.number}"


class RightsForm(forms.Form):
    """What a member may do, and for which contracts; the operation decides whether it can be given."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            (Role.OWNER, _("Owner: everything, members too")),
            (Role.MEMBER, _("Member: sees contracts and invoices, and does what is chosen below")),
        ],
        initial=Role.MEMBER,
        widget=forms.RadioSelect,
    )
    rights = forms.MultipleChoiceField(
        label=_("What the member does"),
        choices=_WORK,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who has neither reads only."),
    )
    reach = forms.ChoiceField(
        label=_("For which contracts"),
        choices=[("all", _("All contracts")), ("some", _("Only the contracts chosen below"))],
        initial="all",
        widget=forms.RadioSelect,
    )
    contracts = ContractsField(
        queryset=None,
        label=_("Contracts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The member sees nothing of other contracts, and can't apply for new ones."),
    )

    def __init__(self, organisation: Organisation, data: Any = None, of: Entitled | None = None) -> None:
        super().__init__(data, initial=_initial(given_by(of)) if of else None)
        if not organisation.sales_agents.exists():
            offered = cast(forms.MultipleChoiceField, self.fields["rights"])
            offered.choices = [(value, label) for value, label in _WORK if value != Right.SALES]
        own: QuerySet[Any] = organisation.contracts.select_related("service").order_by("number")
        self.fields["contracts"].queryset = own  # type: ignore[attr-defined]
        if not own.exists():
            del self.fields["reach"], self.fields["contracts"]

    def given(self) -> Given:
        """What was chosen; only of a valid form."""
        chosen = self.cleaned_data
        is_limited = chosen.get("reach") == "some"
        return Given(
            role=chosen["role"],
            handles_contracts=Right.CONTRACTS in chosen["rights"],
            handles_billing=Right.BILLING in chosen["rights"],
            handles_sales=Right.SALES in chosen["rights"],
            limited_to={contract.pk for contract in chosen["contracts"]} if is_limited else None,
        )

    def refused(self, error: ValidationError) -> None:
        """Say why the operation refused: at the fields that it names, else above the form."""
        named = error.error_dict if hasattr(error, "error_dict") else {"": [error]}
        for field, problems in named.items():
            for problem in problems:
                self.add_error(field if field in self.fields else None, problem)


class InviteForm(RightsForm):
    """An e-mail address, and what its person is given."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("A link goes there that is valid for 7 days. It can be used with this address alone."),
    )
    field_order = ("email",)


def _initial(given: Given) -> dict[str, Any]:
    has = {
        Right.CONTRACTS: given.handles_contracts,
        Right.BILLING: given.handles_billing,
        Right.SALES: given.handles_sales,
    }
    return {
        "role": given.role,
        "rights": [right.value for right, given_to in has.items() if given_to],
        "reach": "all" if given.limited_to is None else "some",
        "contracts": given.limited_to or (),
    }
