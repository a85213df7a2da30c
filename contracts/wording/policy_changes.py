"""What a new version changes in deadlines, rates and other rules, in the language of the interface."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from contracts.extensions.kinds import kind_label
from contracts.rules.calendar.business_days import CalendarRule
from contracts.rules.calendar.deadline import DeadlineRule, Offset
from contracts.rules.calendar.hours import DailyHours
from contracts.rules.policy.base import LocalText, Rule
from contracts.rules.policy.charging import DebitWindow, DueRule, IssueRule
from contracts.rules.policy.governing import TransitionalProvision
from contracts.rules.policy.policy_diff import Difference, policy_differences, stated_in
from contracts.rules.policy.products import Product
from contracts.rules.policy.review import CheckRule
from contracts.rules.policy.schema import (
    ApplicationDocument,
    ApplicationField,
    Disclosure,
    ListedReason,
    Policy,
)
from contracts.wording.formats import day_text, yen_text
from contracts.wording.links import article_label
from contracts.wording.local_text import localised
from contracts.wording.opening_hours import hours_text
from contracts.wording.particulars import LABELS
from contracts.wording.policies import (
    ASPECTS,
    CHARGES,
    CHECKS,
    CONDITIONS,
    CORRESPONDENCE,
    HOURS,
    MONTHS,
    OFFERS,
    PARTS,
    PAYMENT_METHODS,
    PURPOSES,
    SECTIONS,
    VALUES,
)
from contracts.wording.sentences import WORDS

if TYPE_CHECKING:
    from contracts.models import TermsVersion


@dataclass(frozen=True)
class PolicyChange:
    """One change in words. `articles` are labels; `difference` is what changed, for machines."""

    what: str
    old: str
    new: str
    articles: tuple[str, ...]
    difference: Difference

    def __str__(self) -> str:
        shown = {"what": self.what, "old": self.old, "new": self.new}
        if not self.articles:
            return _("%(what)s: %(old)s → %(new)s") % shown
        shown["articles"] = pgettext("between articles", ", ").join(self.articles)
        return _("%(what)s: %(old)s → %(new)s (%(articles)s)") % shown


def policy_changes(old: "TermsVersion", new: "TermsVersion") -> list[PolicyChange]:
    """Every difference between the policies of two versions, in words.

    The articles are those of the new version; those of the old one where a rule is gone.
    """
    return [
        PolicyChange(
            what=_what(found.path, old.policy, new.policy),
            old=_value_text(found.path, found.old, old.policy),
            new=_value_text(found.path, found.new, new.policy),
            articles=_articles(found, old, new),
            difference=found,
        )
        for found in policy_differences(old.policy, new.policy)
    ]


@dataclass(frozen=True)
class StatedRule:
    """One rule of a contract in words: what it is about, what holds, and the rule that says so."""

    what: str
    value: str
    rule: Rule


def stated_rules(version: "TermsVersion") -> dict[str, list[StatedRule]]:
    """What the rules of a version say, in words, by the part of the policy."""
    policy = version.policy
    found: dict[str, list[StatedRule]] = {}
    for one in stated_in(policy):
        top = one.path.split(".")[0]
        part = str(SECTIONS.get(top) or PARTS.get(top, top))
        said = StatedRule(_what(one.path, policy, policy), _value_text(one.path, one.value, policy), one.rule)
        found.setdefault(part, []).append(said)
    return found


def _articles(found: Difference, old: "TermsVersion", new: "TermsVersion") -> tuple[str, ...]:
    version = new if found.new_articles else old
    return tuple(article_label(version, key) for key in found.articles)


def _what(path: str, old: Policy, new: Policy) -> str:
    """What a path is about: the part of the policy, and what is said of it."""
    names = path.split(".")
    pattern, length = _part_of(names)
    keys = [name for name, wanted in zip(names, pattern.split("."), strict=False) if wanted == "*"]
    part = str(PARTS[pattern]) % _part_names(pattern, keys, old, new) if pattern else ""
    aspect = _aspect(names, length)
    if not (part and aspect):
        return part or aspect or path
    return _("%(part)s, %(aspect)s") % {"part": part, "aspect": aspect}


def _part_of(names: list[str]) -> tuple[str, int]:
    """The longest path of PARTS with which a path begins, and its length."""
    for length in range(len(names), 0, -1):
        for pattern in PARTS:
            wanted = pattern.split(".")
            if len(wanted) == length and all(
                one in ("*", name) for one, name in zip(wanted, names, strict=False)
            ):
                return pattern, length
    return "", 0


def _aspect(names: list[str], length: int) -> str:
    if len(names) == length:
        # A due date is one thing to a reader, and so the part that it is the whole of.
        return str(ASPECTS["due"]) if names[:2] == ["charging", "due"] else ""
    last_two = ".".join(names[-2:])
    return str(ASPECTS.get(last_two) or ASPECTS.get(names[-1]) or names[-1].replace("_", " "))


def _part_names(pattern: str, keys: list[str], old: Policy, new: Policy) -> dict[str, str]:
    """What stands for the keys of a path in the name of its part."""
    if not keys:
        return {}
    condition = CONDITIONS.get(keys[1]) if pattern == "changes.*.conditions.*" else ""
    return {"name": _name(pattern, keys, old, new), "condition": str(condition)}


def _name(pattern: str, keys: list[str], old: Policy, new: Policy) -> str:
    namers: Mapping[str, Callable[[], Any]] = {
        "products.*": lambda: _product_name(keys[0], new) or _product_name(keys[0], old),
        "application.documents.*": lambda: _document_name(keys[0], new) or _document_name(keys[0], old),
        "application.fields.*": lambda: LABELS.get(keys[0]),  # type: ignore[call-overload]
        "calendars.*": lambda: WORDS["calendar"].get(keys[0]),
        "notices.channels.*": lambda: WORDS["channel"].get(keys[0]),
        "notices.purposes.*": lambda: PURPOSES.get(keys[0]),
        "addressees.*": lambda: CORRESPONDENCE.get(keys[0]),
        "receipt.*": lambda: _receipt_name(keys[0]),
        "agents.decides.*": lambda: _receipt_name(keys[0]),
        "checks.*": lambda: CHECKS.get(keys[0]),
        "daily_hours.*": lambda: _hours_name(keys[0], new) or _hours_name(keys[0], old),
        "endings.*": lambda: OFFERS.get(keys[0]),
        "charging.due.*.*": lambda: _charge_name(keys),
        "charging.costs.*": lambda: _cost_name(keys[0], new) or _cost_name(keys[0], old),
        "charging.outages.*": lambda: _words(WORDS["fault"], keys[0].split("#")[0].split("+")),
    }
    namer = namers.get(pattern) or (lambda: kind_label(keys[0]))
    return str(namer() or keys[0])


def _receipt_name(key: str) -> str:
    """What a rule on receipt is for: applications, kinds of requests, or all that no other rule names."""
    named = {"application": _("Application"), "others": _("all else that customers ask for")}
    return pgettext("between things", ", ").join(named.get(one) or kind_label(one) for one in key.split("+"))


def _charge_name(keys: list[str]) -> str:
    charge, method = CHARGES.get(keys[0], keys[0]), PAYMENT_METHODS.get(keys[1], keys[1])
    return _("%(charge)s by %(method)s") % {"charge": charge, "method": method}


def _product_name(key: str, policy: Policy) -> str:
    return next((localised(product.name) for product in policy.products if product.key == key), "")


def _document_name(key: str, policy: Policy) -> str:
    return next((localised(one.name) for one in policy.application.documents if one.key == key), "")


def _hours_name(key: str, policy: Policy) -> str:
    return next((localised(one.name) for one in policy.daily_hours if one.key == key), "")


def _cost_name(key: str, policy: Policy) -> str:
    return next((localised(one.name) for one in policy.charging.costs if one.key == key), "")


def _words(words: Mapping[str, Any], keys: list[str]) -> str:
    return pgettext("between things", ", ").join(str(words.get(key, key)) for key in keys)


def _value_text(path: str, value: Any, policy: Policy) -> str:
    if value is None or value == () or value == {}:
        return _("not provided for")
    if isinstance(value, bool):
        return pgettext("of a rule", "yes") if value else pgettext("of a rule", "no")
    for kind, in_words in _PARTS_IN_WORDS.items():
        if isinstance(value, kind):
            return in_words(value)
    if path.startswith("agents.left."):
        return pgettext("between things", ", ").join(_what(one, policy, policy) for one in value)
    names = path.split(".")
    words = VALUES.get(".".join(names[-2:])) or VALUES.get(names[-1], {})
    if path == "suspension.until_paid.reasons" and policy.suspension:
        words = {reason.key: localised(reason.text) for reason in policy.suspension.reasons}
    return _plain_text(names[-1], words, value)


def _plain_text(aspect: str, words: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, tuple):
        if len(value) == 2 and all(isinstance(one, time) for one in value):
            return "–".join(one.strftime("%H:%M") for one in value)
        return pgettext("between things", ", ").join(_plain_text(aspect, words, one) for one in value)
    if isinstance(value, Mapping):
        return pgettext("between things", ", ").join(f"{key} {one}" for key, one in value.items())
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, Decimal):
        return _("%(percent)s %%") % {"percent": value}
    if isinstance(value, int):
        return _number_text(aspect, value)
    return str(words.get(value, value)) if isinstance(value, str) else _("provided for")


def _number_text(aspect: str, number: int) -> str:
    if aspect in MONTHS:
        return _length("months", number)
    if aspect in HOURS:
        return ngettext("%(amount)s hour", "%(amount)s hours", number) % {"amount": number}
    return yen_text(number) if aspect == "above_per_id" else str(number)


def _length(unit: str, amount: int) -> str:
    forms = {
        "months": ngettext("%(amount)s month", "%(amount)s months", amount),
        "days": ngettext("%(amount)s day", "%(amount)s days", amount),
        "business_days": ngettext("%(amount)s business day", "%(amount)s business days", amount),
    }
    return forms[unit] % {"amount": amount}


def _offset_text(offset: Offset) -> str:
    return _length(offset.unit, offset.amount)


def _deadline_text(rule: DeadlineRule) -> str:
    """希望月の末日の1か月前, with the calendar where business days count."""
    anchor = str(WORDS["anchor_kind"][rule.anchor])
    shown = {"length": _offset_text(rule.before), "anchor": anchor}
    said = _("%(length)s before %(anchor)s") % shown if rule.before.amount else anchor
    return said + _adjustment(rule.adjust, [rule.calendar] if _needs_calendar(rule) else [])


def _needs_calendar(rule: DeadlineRule) -> bool:
    return rule.calendar != "company" and (rule.adjust != "none" or rule.before.unit == "business_days")


def _adjustment(adjust: str, calendars: list[str]) -> str:
    said = {
        "none": "",
        "previous_business_day": _("; on a closed day, the business day before"),
        "next_business_day": _("; on a closed day, the next business day"),
    }[adjust]
    if calendars:
        said += _(" (calendar: %(names)s)") % {"names": _words(WORDS["calendar"], calendars)}
    return said


def _due_text(rule: DueRule) -> str:
    if rule.window:
        day = _window_text(rule.window)
    elif rule.day:
        day = _("day %(day)s") % {"day": rule.day}
    else:
        day = _("last day")
    return _in_month(day, rule.months_after) + _adjustment(rule.adjust, list(rule.calendars))


def _issue_text(rule: IssueRule) -> str:
    return _in_month(_("by day %(day)s") % {"day": rule.day}, rule.months_after)


def _in_month(day: str, months_after: int) -> str:
    month = (
        ngettext(
            "%(months)s month after the month of use",
            "%(months)s months after the month of use",
            months_after,
        )
        % {"months": months_after}
        if months_after
        else _("the month of use")
    )
    return _("%(day)s, %(month)s") % {"day": day, "month": month}


def _window_text(window: DebitWindow) -> str:
    shown = {"day": window.named_day, "from": window.from_day, "to": window.to_day}
    return _("day %(day)s (between %(from)s and %(to)s)") % shown


def _transitional_text(provision: TransitionalProvision) -> str:
    return _("for contracts formed on or after %(day)s only") % {"day": day_text(provision.contracts_from)}


_PARTS_IN_WORDS: dict[type, Callable[[Any], str]] = {
    Offset: _offset_text,
    DeadlineRule: _deadline_text,
    DueRule: _due_text,
    IssueRule: _issue_text,
    DebitWindow: _window_text,
    LocalText: localised,
    Product: lambda product: localised(product.name),
    ListedReason: lambda reason: localised(reason.text),
    Disclosure: lambda disclosure: localised(disclosure.text),
    ApplicationField: lambda field: _("asked for") if field.required else _("may be given"),
    ApplicationDocument: lambda document: _("asked for") if document.required else _("may be given"),
    TransitionalProvision: _transitional_text,
    CalendarRule: lambda calendar: _("provided for"),
    CheckRule: lambda check: _("provided for"),
    DailyHours: hours_text,
}
