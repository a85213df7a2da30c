"""One form for each kind of request; `form_for` gives the one of an offer."""

from collections.abc import Mapping
from typing import Any

from contracts.forms.requests.base import RequestForm
from contracts.forms.requests.endings import CancellationForm, NonRenewalForm
from contracts.forms.requests.products import (
    AdditionForm,
    DropForm,
    InterruptionForm,
    OptionInterruptionForm,
    QuantityForm,
)
from contracts.forms.requests.reported import (
    AuthorisedUserForm,
    NameForm,
    ParticularsForm,
    ResponsiblePersonForm,
)
from contracts.forms.requests.succession import SuccessionForm
from contracts.models import ContractRequest
from contracts.requests.offers import Offer

_KIND = ContractRequest.Kind
_FORMS: dict[str, type[RequestForm]] = {
    _KIND.CANCELLATION: CancellationForm,
    _KIND.NON_RENEWAL: NonRenewalForm,
    _KIND.ADD_ITEM: AdditionForm,
    _KIND.ADD_OPTION: AdditionForm,
    _KIND.DROP_ITEM: DropForm,
    _KIND.DROP_OPTION: DropForm,
    _KIND.QUANTITY_UP: QuantityForm,
    _KIND.QUANTITY_DOWN: QuantityForm,
    _KIND.PARTICULARS: ParticularsForm,
    _KIND.NAME: NameForm,
    _KIND.RESPONSIBLE_PERSON: ResponsiblePersonForm,
    _KIND.SUCCESSION: SuccessionForm,
    _KIND.INTERRUPTION: InterruptionForm,
    _KIND.OPTION_INTERRUPTION: OptionInterruptionForm,
    _KIND.AUTHORISED_USER: AuthorisedUserForm,
}


def form_for(offer: Offer, data: Mapping[str, Any] | None = None) -> RequestForm:
    """The form of an offer's kind, filled with what was typed."""
    return _FORMS[offer.kind](offer, data)
