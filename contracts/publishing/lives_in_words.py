"""What comes out of lives, in the language of the interface."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import Contract, ContractRequest, TermsVersion
from contracts.publishing.lives import LivesCheck, PlayedLife, State
from contracts.rules.calendar.period import Month
from contracts.wording.formats import day_text, moment_text, month_text, yen_text
from contracts.wording.links import article_label
from portal.approvals.kinds import Line

_FIELDS = {
    "charged": gettext_lazy("Fees of the month of use"),
    "other": gettext_lazy("Other amounts"),
    "tax": gettext_lazy("Consumption tax"),
    "ends_on": gettext_lazy("End of the contract"),
    "billed_through_on": gettext_lazy("Last day charged"),
    "state": gettext_lazy("State of the contract"),
    "version": gettext_lazy("Terms that govern"),
    "requests": gettext_lazy("Outcome of the request"),
    "articles_apply": gettext_lazy("Article applies"),
    "open": gettext_lazy("Open amount"),
    "overdue": gettext_lazy("Overdue amount"),
    "interest": gettext_lazy("Late payment interest"),
    "due": gettext_lazy("Due date of the invoice"),
    "quantities": gettext_lazy("Quantity in use"),
    "named": gettext_lazy("Work that staff see"),
    "": gettext_lazy("Can't be played"),
}
_OTHER = {
    "minimum_term": gettext_lazy("Remaining minimum term"),
    "costs": gettext_lazy("Costs"),
    "interest": gettext_lazy("Late interest"),
    "damages": gettext_lazy("Damages"),
    "outage": gettext_lazy("Outage credit"),
    "surcharge": gettext_lazy("Surcharge"),
    "penalty": gettext_lazy("Penalty"),
    "deposit": gettext_lazy("Deposit"),
}
_NAMED = {
    "to_correct": gettext_lazy("an invoiced month to correct"),
    "price_to_enter": gettext_lazy("a price to enter"),
    "to_lift": gettext_lazy("a suspension to lift"),
    "to_erase": gettext_lazy("data to erase"),
}
_EVENTS = {
    "apply": gettext_lazy("application"),
    "accept": gettext_lazy("acceptance of the application"),
    "request": gettext_lazy("request"),
    "decide": gettext_lazy("decision on a request"),
    "complete": gettext_lazy("notice of completion"),
    "withdraw": gettext_lazy("withdrawal"),
    "usage": gettext_lazy("usage"),
    "price": gettext_lazy("new prices"),
    "agree": gettext_lazy("individual agreement"),
    "outage": gettext_lazy("outage"),
    "damage": gettext_lazy("damage"),
    "suspend": gettext_lazy("suspension"),
    "lift": gettext_lazy("end of the suspension"),
    "terminate": gettext_lazy("termination by the provider"),
    "end_service": gettext_lazy("end of the service"),
    "succeed": gettext_lazy("another takes the customer's place"),
    "surcharge": gettext_lazy("surcharge"),
    "bill": gettext_lazy("billing"),
    "pay": gettext_lazy("payment"),
    "debit": gettext_lazy("direct debit"),
    "ask_deposit": gettext_lazy("deposit asked for"),
    "receive_deposit": gettext_lazy("deposit received"),
    "use_deposit": gettext_lazy("deposit used"),
    "replace_device": gettext_lazy("replacement of a device"),
    "return": gettext_lazy("return of an amount"),
    "reissue": gettext_lazy("reissued invoice"),
}
_YEN = frozenset({"charged", "other", "tax", "open", "overdue", "interest"})
_DAYS = frozenset({"ends_on", "billed_through_on", "due"})
_EVENT = "given.events["


@dataclass(frozen=True)
class Said:
    """One thing that comes out otherwise by a draft."""

    label: str
    old: str
    new: str


def differences(life: PlayedLife) -> list[Said]:
    """What a draft changes in the end of a life, each thing by itself."""
    return [said for one in life.changed for said in _said(life, one.field, one.old, one.new)]


def life_articles(version: TermsVersion, life: PlayedLife) -> list[str]:
    """The articles that a life is about, as the version labels them."""
    return [article_label(version, key) for key in life.articles]


def life_lines(draft: TermsVersion, check: LivesCheck) -> Iterator[Line]:
    """How the lives come out by a draft, for whoever approves its publication."""
    label = _("Lives of contracts")
    if check.state == State.NOT_NEEDED:
        return
    if check.state != State.PLAYED:
        yield Line(label, "", str(check.state.label))
        return
    counted = {"same": check.unchanged, "all": check.count}
    yield Line(label, "", _("%(same)s of %(all)s come out as before") % counted)
    for life in check.changed:
        for said in differences(life):
            yield Line(f"{life.name}: {said.label}", said.old, said.new)
        yield Line(_named(draft, life), "", acceptance_text(life))


def _named(draft: TermsVersion, life: PlayedLife) -> str:
    articles = " ".join(life_articles(draft, life))
    return _("%(what)s (%(which)s)") % {"what": life.name, "which": articles} if articles else life.name


def acceptance_text(life: PlayedLife) -> str:
    """Who accepted that a life comes out otherwise, and why."""
    if life.accepted is None:
        return _("not accepted")
    accepted = {
        "name": life.accepted.accepted_by,
        "moment": moment_text(life.accepted.accepted_at),
        "reason": life.accepted.reason,
    }
    return _("accepted by %(name)s on %(moment)s: %(reason)s") % accepted


def _said(life: PlayedLife, field: str, old: Any, new: Any) -> Iterator[Said]:
    if field.startswith(_EVENT):
        yield Said(_event_label(life, field), _event_text(old), _event_text(new))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                label = _("%(what)s (%(which)s)") % {"what": _FIELDS[field], "which": _key_text(field, key)}
                yield Said(label, _value_text(field, old.get(key)), _value_text(field, new.get(key)))
    else:
        yield Said(str(_FIELDS.get(field, field)), _value_text(field, old), _value_text(field, new))


def _event_label(life: PlayedLife, field: str) -> str:
    place = int(field.removeprefix(_EVENT).rstrip("]"))
    event = life.events[place]
    shown = {
        "number": place + 1,
        "what": _EVENTS.get(event["do"], event["do"]),
        "moment": moment_text(datetime.fromisoformat(event["at"])),
    }
    return _("Event %(number)s (%(what)s on %(moment)s)") % shown


def _event_text(outcome: Any) -> str:
    """Whether an event was taken, or refused and why."""
    if outcome == "taken":
        return _("taken")
    _refused, _colon, why = str(outcome).partition(": ")
    return _("refused: %(why)s") % {"why": why} if why else _("refused")


def _key_text(field: str, key: str) -> str:
    if field in ("charged", "due"):
        return month_text(Month.parse(key))
    return str(_OTHER.get(key, key)) if field == "other" else key


def _value_text(field: str, value: Any) -> str:
    if value is None or value == []:
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    told: Callable[[Any], str] = _HOW.get(field, str)
    try:
        return told(value)
    except (KeyError, TypeError, ValueError):
        return str(value)  # the reason why there is no such thing


def _request_text(outcome: str) -> str:
    status, _colon, reason = outcome.partition(":")
    told = _("Completed") if status == "completed" else str(ContractRequest.Status(status).label)
    return _("%(what)s (%(which)s)") % {"what": told, "which": reason} if reason else told


_HOW: Mapping[str, Callable[[Any], str]] = {
    **dict.fromkeys(_YEN, yen_text),
    **dict.fromkeys(_DAYS, lambda day: day_text(date.fromisoformat(day))),
    "state": lambda state: str(Contract.State(state).label),
    "requests": _request_text,
    "named": lambda kinds: ", ".join(str(_NAMED[kind]) for kind in kinds),
}
