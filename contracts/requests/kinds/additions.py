"""There is more of a product afterwards: by a new total, or by what comes in addition (追加)."""

from django.utils.translation import gettext_lazy

from contracts.models import ContractRequest
from contracts.requests.product_change import More
from contracts.requests.product_forms import ProductChangeForm, QuantityForm, quantity_field
from contracts.rules.policy.products import Product
from contracts.rules.policy.schema import Policy


class AdditionForm(ProductChangeForm):
    """What comes in addition."""

    quantity = quantity_field(gettext_lazy("Quantity to be added"), initial=1)


class QuantityUp(More):
    """A new total that is higher."""

    key = "quantity_up"
    label = gettext_lazy("More of a product")
    sentence = gettext_lazy("There is to be more of a product, as asked for at %(at)s.")
    place = 1
    names_total = True
    form = QuantityForm
    quantity_label = gettext_lazy("How many afterwards")


class _Addition(More):
    """Units come in addition to what is there, or to nothing."""

    form = AdditionForm
    quantity_label = gettext_lazy("How many more")

    def total_after(self, request: ContractRequest, held: int) -> int:
        return held + request.quantity

    def fits(self, product: Product, held: int) -> bool:
        return self.concerns(product) and bool(self.totals(product, held))

    def offered_for(self, policy: Policy, product: Product, held: int) -> bool:
        # What is held already grows by a kind of its own where there is one: the same is not offered twice.
        grows_otherwise = held and product.kind != "one_time" and QuantityUp.key in policy.changes
        return self.fits(product, held) and not grows_otherwise


class AddItem(_Addition):
    """A product that is no option, or something that is charged once."""

    key = "add_item"
    label = gettext_lazy("Additional product")
    sentence = gettext_lazy("A product is to be added, as asked for at %(at)s.")
    place = 3

    def concerns(self, product: Product) -> bool:
        return product.orderable and product.kind != "option"


class AddOption(_Addition):
    """An option."""

    key = "add_option"
    label = gettext_lazy("Additional option")
    sentence = gettext_lazy("An option is to be added, as asked for at %(at)s.")
    place = 5

    def concerns(self, product: Product) -> bool:
        return product.orderable and product.kind == "option"
