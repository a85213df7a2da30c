"""Which handler belongs to which kind of request."""

from contracts.models import ContractRequest
from contracts.requests.authorised_users import AuthorisedUserRequest
from contracts.requests.endings import CancellationRequest, NonRenewalRequest
from contracts.requests.interruptions import Interruption, OptionInterruption
from contracts.requests.kind import Handler
from contracts.requests.product_changes import ProductChange
from contracts.requests.reported import NameChange, ParticularsChange, ResponsiblePersonChange
from contracts.requests.successions import Succession

_KIND = ContractRequest.Kind
_OF_PRODUCTS = (
    _KIND.ADD_ITEM,
    _KIND.ADD_OPTION,
    _KIND.DROP_ITEM,
    _KIND.DROP_OPTION,
    _KIND.QUANTITY_UP,
    _KIND.QUANTITY_DOWN,
)
HANDLERS: dict[str, Handler] = {
    _KIND.CANCELLATION: CancellationRequest(),
    _KIND.NON_RENEWAL: NonRenewalRequest(),
    **dict.fromkeys(_OF_PRODUCTS, ProductChange()),
    _KIND.PARTICULARS: ParticularsChange(),
    _KIND.NAME: NameChange(),
    _KIND.RESPONSIBLE_PERSON: ResponsiblePersonChange(),
    _KIND.SUCCESSION: Succession(),
    _KIND.INTERRUPTION: Interruption(),
    _KIND.OPTION_INTERRUPTION: OptionInterruption(),
    _KIND.AUTHORISED_USER: AuthorisedUserRequest(),
}


def handler_of(kind: str) -> Handler:
    """The handler of a kind of request; KeyError for a kind that there is not."""
    return HANDLERS[kind]
