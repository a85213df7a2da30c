"""How customers are told which invoices a payment meets that names none (民法488条)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts.models import Provider

_TEXTS: dict[str, Any] = {
    Provider.PaymentOrder.LAW: _(
        "A payment that names no invoice meets, by the Civil Code (488-4), what is due before what is not,"
        " then what bears more late interest, then what was due first; what is alike is met in proportion."
    ),
    Provider.PaymentOrder.DUE_FIRST: _(
        "A payment that names no invoice meets those due first, as the provider has named them"
        " (Civil Code 488-2)."
    ),
}


def order_text(provider: Provider) -> str:
    """The order that counts for a provider's invoices, as a sentence."""
    return str(_TEXTS[provider.payment_order])
