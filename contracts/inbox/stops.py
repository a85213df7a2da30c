"""Why a service is stopped, until when, and what lets it go on, as its customer reads it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from contracts.models import Contract, Suspension, TermsVersion
from contracts.policies.rulebooks import Rulebooks
from contracts.rules.life.stop import SuspensionRule
from contracts.wording.formats import day_text
from contracts.wording.products import product_line
from contracts.wording.reasons import ShownReason, suspension_reason


@dataclass(frozen=True)
class ToldStop:
    """A stop by the rules of `version`; `product` is what is stopped, where it is not the whole service.

    `goes_on` says what lets the service go on, by `goes_on_articles`. `for_debt`: for what is not paid.
    """

    stop: Suspension
    version: TermsVersion
    product: str
    reason: ShownReason | None
    for_debt: bool
    goes_on: str
    goes_on_articles: tuple[str, ...]

    @property
    def is_suspension(self) -> bool:
        """Whether the provider stopped it for what the customer did, or left undone."""
        return self.stop.state == Contract.State.SUSPENDED


def stops_on(contract: Contract, day: date, books: Rulebooks | None = None) -> list[ToldStop]:
    """What of a contract is stopped on a day, the whole service first; fetch its `suspensions` beforehand."""
    covering = sorted(
        (stop for stop in contract.suspensions.all() if stop.covers(day)), key=lambda stop: stop.product
    )
    if not covering:
        return []
    version = (books or Rulebooks()).governing(contract, day)
    return [_told(stop, version) for stop in covering]


def _told(stop: Suspension, version: TermsVersion) -> ToldStop:
    rule = version.policy.suspension if stop.kind in (stop.Kind.SUSPENSION, stop.Kind.UNTIL_PAID) else None
    for_debt = rule is not None and stop.reason in rule.of_debt
    goes_on, articles = _goes_on(stop, rule, for_debt)
    product = product_line(version.policy, stop.product, 0).name if stop.product else ""
    return ToldStop(stop, version, product, suspension_reason(stop, version), for_debt, goes_on, articles)


def _goes_on(stop: Suspension, rule: SuspensionRule | None, for_debt: bool) -> tuple[str, tuple[str, ...]]:
    articles = tuple(rule.article) if rule else ()
    until = {"day": day_text(stop.ends_on)} if stop.ends_on else {}
    if stop.kind == stop.Kind.UNTIL_PAID:
        founded = rule.until_paid if rule else None
        text = _("The service goes on once the provider has seen your payment of all that is overdue.")
        return text, tuple(founded.article) if founded else articles
    if for_debt and until:
        text = _(
            "The reason falls away once nothing is overdue any more; then the provider ends the suspension."
            " Otherwise it lasts until %(day)s."
        )
        return text % until, articles
    if for_debt:
        return _(
            "The reason falls away once nothing is overdue any more; then the provider ends the suspension."
        ), articles
    if until:
        return _("It lasts until %(day)s; the service goes on the day after.") % until, articles
    return _("It lasts until it is ended."), articles
