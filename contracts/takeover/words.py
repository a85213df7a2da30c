"""What is said of rows of an old system: sentences by their keys, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from contracts.extensions.registered import takeover_parts
from contracts.models import TermsVersion
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import Month
from contracts.takeover.sheets import sheets
from contracts.wording.formats import day_text, month_text
from contracts.wording.links import article_label
from portal.language import in_english

SENTENCES: dict[str, Any] = {
    "as_said": "%(text)s",
    "missing": _("This is needed."),
    "beyond": _("“%(written)s” stands in a column without a heading."),
    "characters": _("“%(written)s” holds characters that can't be stored."),
    "cell_error": _("This cell holds an error of the spreadsheet."),
    "unprintable": _("Invoices and letters can't show: %(characters)s. Write it with other characters."),
    "too_long": _("“%(written)s” … is too long."),
    "no_day": _("“%(written)s” is no day; write it as 2026-10-05."),
    "no_month": _("“%(written)s” is no month; write it as 2026-10."),
    "no_number": _("“%(written)s” is no whole number within bounds."),
    "no_choice": _("“%(written)s” is none of what can stand here."),
    "number_twice": _("This number stands in the file already."),
    "no_contract": _("No line of the sheet of contracts has this number."),
    "old_number_missing": _("The number in the old system is missing."),
    "no_service": _("“%(written)s” is no service of this provider."),
    "no_customer_named": _("Name the customer, by its corporate number or its name."),
    "no_customer": _("“%(written)s”: there is no such customer. Bring the organisation in first."),
    "several_customers": _("“%(written)s”: there are several such customers. Give the corporate number."),
    "other_name": _("The portal knows the customer as “%(name)s”; the file says “%(written)s”."),
    "own_organisation": _("This is your own organisation. A colleague must bring it in."),
    "to_come": _("%(day)s is still to come."),
    "start_before_formation": _("Use would begin on %(start)s, before the contract was formed (%(formed)s)."),
    "charged_before_formation": _(
        "Charging would begin on %(start)s, before the contract was formed (%(formed)s)."
    ),
    "no_terms_then": _("On %(day)s no version of the terms that the portal knows was in force."),
    "no_version": _("The service has no version “%(written)s” of its terms."),
    "not_in_force": _("Version %(written)s was not in force on %(day)s; it was version %(then)s."),
    "payment_method": _("By the terms the service can't be paid in this way."),
    "no_field": _("The terms ask for no particular “%(written)s”."),
    "field_twice": _("“%(written)s” is stated already."),
    "starts_otherwise": _(
        "By the terms (%(articles)s) use would begin on %(day)s; the day of the file stands."
    ),
    "charged_too_early": _("By the terms (%(articles)s) charging begins on %(day)s at the earliest."),
    "charged_otherwise": _(
        "By the terms (%(articles)s) charging would begin on %(day)s; the day of the file stands."
    ),
    "holds_nothing": _("The contract has no line among the products."),
    "no_product": _("The terms in force know no product “%(written)s”."),
    "usage_product": _("“%(written)s” is charged by use, and not held."),
    "no_quantity": _("The quantity must be at least 1."),
    "item_before_start": _("%(day)s lies before the start of use of the contract (%(start)s)."),
    "ends_before_start": _("%(day)s lies before the first day (%(start)s)."),
    "item_charged_early": _("%(day)s lies before the start of charging of the contract (%(start)s)."),
    "overlaps": _("On %(day)s another quantity of the same product still holds."),
    "consent_twice": _("The consent to version %(written)s stands in the file already."),
    "knows_no_term": _("The terms know no term that is renewed."),
    "term_otherwise": _("By the terms (%(articles)s) the current term ends on %(day)s."),
    "knows_no_minimum": _("The terms know no minimum term."),
    "minimum_otherwise": _("By the terms (%(articles)s) the minimum term ends on %(day)s."),
    "notice_and_end": _("An end needs both days: that of the notice, and the last day of use."),
    "has_ended": _("The contract ended on %(day)s; only running contracts are brought in."),
    "end_too_early": _("A notice of %(notice)s reaches %(day)s at the earliest by the terms."),
    "no_such_end": _("By the terms a notice of %(notice)s can't lead to this end."),
}

DEADLINES: dict[str, Any] = {
    "service_start": _("Service starts"),
    "billing_start": _("Charging starts"),
    "cancel_by": _("Last day to cancel for the next end"),
    "renewal_notice": _("Last day for notice that the contract is not to be renewed"),
    "minimum_term_end": _("The minimum term ends"),
    "contract_end": _("The contract ends"),
    "data_erasure": _("Data are erased by"),
    "term_end": pgettext_lazy("takeover", "The current term ends"),
}


def in_both(asked: Callable[[], Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Texts by their names, each in both languages."""
    told = {}
    for language in ("ja", "en"):
        with override(language):
            told[language] = asked()
    return {name: {language: said[name] for language, said in told.items()} for name in told["ja"]}


def articles_in_each_language(version: TermsVersion, articles: Iterable[str]) -> dict[str, str]:
    """Citations, as they are kept and read in either language."""
    found = {}
    for language, between in (("ja", "、"), ("en", ", ")):
        with override(language):
            found[language] = between.join(article_label(version, key) for key in articles)
    return found


def sentence(said: Mapping[str, Any]) -> str:
    """What was said of a line, in words."""
    sentences = dict(SENTENCES)
    for parts in takeover_parts():
        sentences.update(parts.sentences)
    values = {name: _value(value) for name, value in said["values"].items()}
    return str(sentences[said["key"]]) % values


def place(said: Mapping[str, Any]) -> str:
    """Where it stands: sheet, row and column, as the reader's language names them."""
    sheet = next((one for one in sheets() if one.key == said["sheet"]), None)
    if sheet is None:
        return str(said["row"])
    column = next((one for one in sheet.columns if one.key == said["column"]), None)
    parts = [sheet.key if in_english() else sheet.ja, str(_("row %(row)s") % {"row": said["row"]})]
    if column:
        parts.append(column.key if in_english() else column.ja)
    return " / ".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        if "day" in value:
            return day_text(date.fromisoformat(value["day"]))
        if "month" in value:
            return month_text(Month.parse(value["month"]))
        return in_current_language(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
