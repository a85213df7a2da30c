"""Short e-mails on a contract that tell of one thing: breaches of authorised users, devices."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from contracts.correspondence.contract_mails import tell
from contracts.models import AuthorisedUser, Contract, Task, TermsVersion
from contracts.rules.policy.base import Rule
from contracts.wording.dated_lines import DatedLine, cited
from contracts.wording.formats import day_text, yen_text
from contracts.wording.products import product_line

Lines = Callable[[], Iterable[DatedLine]]


def breach_recorded(
    user: AuthorisedUser, version: TermsVersion, rule: Rule | None, cure_by: date | None
) -> None:
    """Tell that an authorised user broke the rules, and until when that is to be put right."""

    def lines() -> Iterable[DatedLine]:
        yield DatedLine(_("Authorised user"), user.name, "")
        yield DatedLine(_("Breach on"), _day(user.breach_on), "")
        if cure_by and rule:
            yield DatedLine(_("To be put right by"), _day(cure_by), cited(version, rule.article))

    _tell(
        "authorised_user_breach",
        user.contract,
        lambda: _("A breach of your authorised user"),
        lambda: _("Please have it put right at once; otherwise we may stop the use, or end the contract."),
        lines,
    )


def user_stopped(user: AuthorisedUser, version: TermsVersion, rule: Rule) -> None:
    """Tell that an authorised user may no longer use the service."""

    def lines() -> Iterable[DatedLine]:
        yield DatedLine(_("Authorised user"), user.name, "")
        yield DatedLine(_("Last day of use"), _day(user.ends_on), cited(version, rule.article))

    _tell(
        "authorised_user_stopped",
        user.contract,
        lambda: _("The use by your authorised user is stopped"),
        lambda: _("The breach was not put right in time, so we stop the use by this authorised user."),
        lines,
    )


def device_replaced(task: Task) -> None:
    """Tell by when the old device goes back, and what it costs if it does not."""
    version = task.governing_version
    rule = version.policy.device_return

    def lines() -> Iterable[DatedLine]:
        articles = cited(version, rule.article) if rule else ""
        yield DatedLine(_("Device"), _device(task), "")
        yield DatedLine(_("To be sent back by"), _day(task.due_on), articles)
        yield DatedLine(_("Penalty without tax if it is not"), yen_text(task.detail["list_price"]), articles)

    _tell(
        "device_replaced",
        task.contract,
        lambda: _("Please send the old device back"),
        lambda: _("You received a replacement. Please send the old device back; we bear the postage."),
        lines,
    )


def device_charged(task: Task, net: int) -> None:
    """Tell that a device was not sent back in time, and what is charged for it."""
    version = task.governing_version
    rule = version.policy.device_return

    def lines() -> Iterable[DatedLine]:
        yield DatedLine(_("Device"), _device(task), "")
        yield DatedLine(_("It was to be sent back by"), _day(task.due_on), "")
        yield DatedLine(_("Penalty without tax"), yen_text(net), cited(version, rule.article) if rule else "")

    _tell(
        "device_charged",
        task.contract,
        lambda: _("A penalty for a device that was not sent back"),
        lambda: _("The old device was not sent back in time. The next invoice states the penalty."),
        lines,
    )


def device_dispatched(task: Task) -> None:
    """Tell that a device is on its way."""

    def lines() -> Iterable[DatedLine]:
        yield DatedLine(_("Device"), f"{_device(task)} × {task.detail['quantity']}", "")
        yield DatedLine(_("Sent on"), _day(date.fromisoformat(task.detail["dispatched_on"])), "")

    _tell(
        "device_dispatched",
        task.contract,
        lambda: _("Your device is on its way"),
        lambda: _("We received your payment and sent the device."),
        lines,
    )


def _device(task: Task) -> str:
    return product_line(task.governing_version.policy, task.detail["product"], 1).name


def _day(day: date | None) -> str:
    return day_text(day) if day else "—"


def _tell(
    kind: str, contract: Contract, headline: Callable[[], str], message: Callable[[], str], lines: Lines
) -> None:
    def context() -> dict[str, Any]:
        return {"headline": headline(), "message": message(), "lines": list(lines())}

    tell(kind, contract, context)
