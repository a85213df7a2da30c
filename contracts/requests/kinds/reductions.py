"""There is less of a product afterwards: by a new total, or by what is given up."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import ContractRequest, TermsVersion
from contracts.models.request import RequestDecision
from contracts.requests.kind import Note
from contracts.requests.offer import Offer
from contracts.requests.product_change import Fewer
from contracts.requests.product_forms import ProductChangeForm, QuantityForm, quantity_field
from contracts.rules.policy.products import Condition, Product


class DropForm(ProductChangeForm):
    """What goes: a number of units, or all."""

    quantity = quantity_field(
        gettext_lazy("Quantity to be given up"),
        required=False,
        help_text=gettext_lazy("Left empty, all of it is given up."),
    )


class QuantityDown(Fewer):
    """A new total that is lower."""

    key = "quantity_down"
    label = gettext_lazy("Less of a product")
    sentence = gettext_lazy("There is to be less of a product, as asked for at %(at)s.")
    place = 2
    names_total = True
    form = QuantityForm
    quantity_label = gettext_lazy("How many afterwards")


class _GivenUp(Fewer):
    """A number of units goes, or all; they can still be used on the day on which that takes effect."""

    form = DropForm
    day_label = gettext_lazy("Wanted last day of use")
    quantity_label = gettext_lazy("How many go (empty: all)")
    gives_up = True

    def totals(self, product: Product, held: int) -> range:
        return range(held)

    def total_after(self, request: ContractRequest, held: int) -> int:
        return held - request.quantity if request.quantity else 0

    def follows(self, version: TermsVersion, day: str) -> str:
        rule = version.policy.change_rule(self.key)
        if rule and (rule.notice_completes or rule.not_before_acceptance):
            return super().follows(version, day)
        return _("The last day of use is %(day)s.") % {"day": day}


class DropItem(_GivenUp):
    """A product that is no option."""

    key = "drop_item"
    label = gettext_lazy("Cancellation of a product")
    sentence = gettext_lazy("A product is to be given up, as asked for at %(at)s.")
    place = 4

    def concerns(self, product: Product) -> bool:
        return super().concerns(product) and product.kind != "option"


class DropOption(_GivenUp):
    """An option."""

    key = "drop_option"
    label = gettext_lazy("Cancellation of an option")
    sentence = gettext_lazy("An option is to be given up, as asked for at %(at)s.")
    place = 6

    def concerns(self, product: Product) -> bool:
        return super().concerns(product) and product.kind == "option"

    def notes(self, offer: Offer, decision: RequestDecision | None) -> Iterator[Note]:
        never_again = _not_retakable(offer)
        if never_again:
            yield Note(_("An option that was given up once can't be taken again."), never_again.article)
        yield from super().notes(offer, decision)


def _not_retakable(offer: Offer) -> Condition | None:
    """The condition that what is added was never given up before; None where the terms set none."""
    rules = offer.version.policy.changes.values()
    return next((one for rule in rules for one in rule.conditions if one.kind == "not_retakable"), None)
