"""Why something that somebody wrote can't be taken, or has no answer: a key, its values, its sentence.

The sentences are English, as commands show them; `contracts.wording.problems` gives them in the language of
the interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(sentence: str) -> str:
    """Give a sentence as it is. The tools that collect texts for translation look for this name."""
    return sentence


@dataclass(frozen=True)
class Reason:
    """A key of `SENTENCES`, and what its sentence speaks of: texts, numbers, days or other reasons."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return SENTENCES[self.key] % self.values


class UnansweredError(Exception):
    """A question to the rules that what was given leaves without an answer.

    `reason` says why; `at` names the value that stands in the way, where it is one.
    """

    def __init__(self, reason: Reason, at: str = "") -> None:
        super().__init__(reason, at)
        self.reason, self.at = reason, at

    def __str__(self) -> str:
        return f"{self.at}: {self.reason}" if self.at else str(self.reason)


class UnfitError(UnansweredError, ValueError):
    """A value by which nothing can be worked out."""


class UnknownError(UnansweredError, KeyError):
    """A key that the policy does not know."""


_TEXTS_OF_TERMS = {
    "no_text": gettext_noop("the text is empty"),
    "no_title": gettext_noop("the text has no title (# …)"),
    "second_title": gettext_noop("a text has one title only; chapters are written as ##"),
    "late_title": gettext_noop("the title stands before all chapters and articles"),
    "late_preamble": gettext_noop("a quotation is the preamble and stands before all chapters and articles"),
    "late_chapter": gettext_noop("chapters stand before the annexes"),
    "late_article": gettext_noop("articles stand before the annexes"),
    "many_signs": gettext_noop("a heading has one to four # signs"),
    "bare_heading": gettext_noop("a heading needs a space after its # signs, and a text"),
    "indented_heading": gettext_noop("a heading or quotation must start at the beginning of the line"),
    "no_chapter_heading": gettext_noop(
        "a ## heading is a chapter (第1章 …, 第1節 …) or an annex ending in {#key}"
    ),
    "no_annex_heading": gettext_noop("an annex needs a title and a key like {#list-1}, got {#%(key)s}"),
    "no_article_heading": gettext_noop("a ### heading is an article: 第1条（…） or 第18条の2（…）"),
    "article_number": gettext_noop("the article number '%(number)s' can't be read"),
    "article_number_zero": gettext_noop("article numbers start at 1"),
    "stray_small_heading": gettext_noop("a heading with four # signs stands inside an article or annex"),
    "stray_text": gettext_noop(
        "text outside of an article or annex (a preamble is written as a quotation: > …)"
    ),
    "indented_paragraph": gettext_noop("a numbered paragraph must start at the beginning of the line"),
    "bare_paragraph": gettext_noop("a numbered paragraph needs a number from 1 and a text"),
    "bare_item": gettext_noop("an item needs a text"),
    "odd_indent": gettext_noop("indent with ordinary spaces only (no tab or full-width space)"),
    "item_indent": gettext_noop("this item is indented like none of the items above it"),
    "text_indent": gettext_noop("this line is indented but continues no text above it"),
    "item_after_table": gettext_noop(
        "items stand before the table of their paragraph, or after it and a blank line"
    ),
    "open_row": gettext_noop("a table row must end with |"),
    "row_without_cells": gettext_noop("a table row needs at least one cell"),
    "row_width": gettext_noop("this row has %(cells)s cells, the table %(width)s"),
    "stray_separator": gettext_noop("a |---| line stands below the first row of a table only"),
    "no_article": gettext_noop("no article (第1条 …) was found in the text"),
    "numbers_lost": gettext_noop(
        "the headings have no numbers (%(titles)s …): they were probably lost when the file was made; "
        "write 第1条 … before them, or import the Word file itself"
    ),
    "table_too_large": gettext_noop("this table has more than %(cells)s cells: divide it, or shorten it"),
    "empty_chapter": gettext_noop("no article stands under %(heading)s"),
    "empty_body": gettext_noop("this article or annex has no text"),
    "already_in_line": gettext_noop("%(what)s already stands in line %(line)s"),
    "heading_in_line": gettext_noop("this heading already stands in line %(line)s"),
    "annex_in_line": gettext_noop("annex %(key)s already stands in line %(line)s"),
    "annex_or_clause": gettext_noop("the key %(key)s also reads as clause %(clause)s of annex %(annex)s"),
    "paragraph_twice": gettext_noop("paragraph %(number)s stands twice in this article or annex"),
    "item_twice": gettext_noop("item %(label)s stands twice in this place"),
    "comparison_table": gettext_noop(
        "this is a comparison table (新旧対照表): it holds excerpts of two versions; "
        "import the whole text of one, or make the new version from the table"
    ),
    "no_comparison_table": gettext_noop(
        "no comparison table was found: its head names a column for each side, "
        "such as 現行 and 改定後, 旧 and 新"
    ),
    "no_markdown_form": gettext_noop("this tree can't be written as Markdown without changing it"),
}
_LEFT_OVER = {
    "bare_title": gettext_noop("a heading without text"),
    "chapter_without_articles": gettext_noop("a chapter without articles"),
    "repeated_heading": gettext_noop("repeats the heading of line %(line)s"),
    "before_first_article": gettext_noop("stands between the heading of a chapter and its first article"),
    "after_the_end": gettext_noop("stands after the end of the text"),
    "outside_the_table": gettext_noop("stands outside of the comparison table"),
    "old_text_not_found": gettext_noop("the version before does not say this; nothing was changed here"),
    "old_text_differs": gettext_noop("the version before says this a little differently; it was replaced"),
    "counterpart_not_found": gettext_noop("what stands beside it was not found, so it was not taken over"),
    "omitted_not_found": gettext_noop("the version before has nothing of that number"),
    "no_such_part": gettext_noop("the version before has no such part"),
    "below_a_chapter": gettext_noop("stands between the heading of a chapter and an article"),
    "chapter_with_articles": gettext_noop("articles stand under this heading that the table does not show"),
    "shown_twice": gettext_noop("the table shows this part of the version before twice"),
    "number_taken": gettext_noop("another part has this number already"),
}
_REFERENCES = {
    "no_such_article": gettext_noop("the text has no such article"),
    "no_such_paragraph": gettext_noop("the article has no such paragraph"),
    "no_such_item": gettext_noop("the paragraph has no such item"),
    "no_such_annex": gettext_noop("the text has no such annex"),
}
_FILES = {
    "file_empty": gettext_noop("the file is empty"),
    "file_missing": gettext_noop("No such file or directory"),
    "file_unreadable": gettext_noop("the file can't be read (%(why)s)"),
    "file_too_large": gettext_noop("the file is larger than %(size)s MB"),
    "file_too_long": gettext_noop("the file holds %(length)s characters; at most %(most)s are taken"),
    "too_much_to_read": gettext_noop(
        "the file holds more than can be read in time; divide it, or save it anew in its program"
    ),
    "too_many_lines": gettext_noop("at most %(most)s lines are taken"),
    "line_too_long": gettext_noop("a line holds more than %(most)s characters; divide it"),
    "too_deep": gettext_noop("items stand in one another in more than %(most)s levels"),
    "no_text_file": gettext_noop("this is not a text file (nor PDF or .docx): it holds control characters"),
    "encoding": gettext_noop(
        "the text is neither UTF-8 nor Shift_JIS: a byte in line %(line)s fits neither; %(do)s"
    ),
    "euc_jp": gettext_noop("the text is neither UTF-8 nor Shift_JIS, but perhaps EUC-JP; %(do)s"),
    "save_as_utf_8": gettext_noop("save it as UTF-8 and try again"),
    "not_utf_8": gettext_noop("byte %(byte)s: not UTF-8 text"),
    "pdf_damaged": gettext_noop("the PDF is damaged and can't be read"),
    "pdf_locked": gettext_noop("the PDF is protected by a password; save it without one"),
    "pdf_pages": gettext_noop("the PDF has more than %(most)s pages"),
    "pdf_pictures": gettext_noop(
        "the PDF holds only pictures of pages (a scan) and no text; use one with a text layer"
    ),
    "pdf_empty": gettext_noop("the PDF holds no text"),
    "word_old": gettext_noop(
        "this is an old Word file (.doc) or one with a password; save it as .docx without a password"
    ),
    "word_damaged": gettext_noop("the Word file is damaged and can't be read"),
    "word_too_large": gettext_noop("the content of the Word file is too large"),
    "no_word_file": gettext_noop("this is no Word file; use text, Markdown, .docx or PDF"),
    "word_empty": gettext_noop("the Word file holds no text"),
}
_DATA = {
    "not_toml": gettext_noop("not valid TOML: look at line %(line)s, column %(column)s"),
    "toml_too_much": gettext_noop("not usable TOML: a number is too long, or something is nested too deeply"),
    "not_json": gettext_noop("line %(line)s, column %(column)s: not valid JSON"),
    "no_successor": gettext_noop("no successor stands at place %(place)s of the list"),
    "json_too_deep": gettext_noop("not usable: nested too deeply"),
    # What pydantic calls so.
    "missing": gettext_noop("this value is missing"),
    "extra_forbidden": gettext_noop("unknown name; check the spelling, or take it out"),
    "string_too_short": gettext_noop("this must not be empty"),
    "string_too_long": gettext_noop("this must have at most %(max_length)s characters (given: %(given)s)"),
    "string_pattern_mismatch": gettext_noop("this must have the form %(pattern)s (given: %(given)s)"),
    "too_short": gettext_noop("this must have at least %(min_length)s entries (given: %(given)s)"),
    "too_long": gettext_noop("this must have at most %(max_length)s entries (given: %(given)s)"),
    "greater_than": gettext_noop("this must be more than %(gt)s (given: %(given)s)"),
    "greater_than_equal": gettext_noop("this must be at least %(ge)s (given: %(given)s)"),
    "less_than": gettext_noop("this must be less than %(lt)s (given: %(given)s)"),
    "less_than_equal": gettext_noop("this must be at most %(le)s (given: %(given)s)"),
    "multiple_of": gettext_noop("this must be a multiple of %(multiple_of)s (given: %(given)s)"),
    "decimal_max_digits": gettext_noop("this must have at most %(max_digits)s digits (given: %(given)s)"),
    "decimal_max_places": gettext_noop(
        "this must have at most %(decimal_places)s digits after the point (given: %(given)s)"
    ),
    "decimal_whole_digits": gettext_noop(
        "this must have at most %(whole_digits)s digits before the point (given: %(given)s)"
    ),
    "invalid_key": gettext_noop("a name must be text (given: %(given)s)"),
    "not_allowed": gettext_noop("'%(given)s' is not allowed here; allowed: %(allowed)s"),
    "unfit": gettext_noop("this value does not fit (code %(code)s; given: %(given)s)"),
    "shape": gettext_noop("this must be %(shape)s (given: %(given)s)"),
    "text": gettext_noop("text"),
    "whole_number": gettext_noop("a whole number"),
    "number": gettext_noop("a number"),
    "true_or_false": gettext_noop("true or false"),
    "day": gettext_noop("a day, such as 2027-04-01"),
    "time": gettext_noop("a time of day, such as 17:00"),
    "list": gettext_noop("a list"),
    "group": gettext_noop("a group of names and values"),
}
_POLICIES = {
    "day_of_year_form": gettext_noop("write a day of the year as MM-DD"),
    "day_of_year": gettext_noop("'%(day)s' is not a day of the year"),
    "one_unit": gettext_noop("give exactly one of months, days, business_days"),
    "lead_or_timing": gettext_noop("give either lead or timing (beforehand, afterwards, where_possible)"),
    "period_without_since": gettext_noop(
        "period belongs to since = notice, breach or due_date: give both or neither"
    ),
    "named_day": gettext_noop("named_day must lie between from_day and to_day"),
    "day_or_window": gettext_noop("give either day or window"),
    "adjust_without_calendars": gettext_noop("adjust and calendars belong together: give both or neither"),
    "rate_as_text": gettext_noop('write the rate as text, such as "14.6", so that it stays exact'),
    "no_usage_due": gettext_noop("say at least when usage fees are due"),
    "no_payment_method": gettext_noop("every charge needs at least one payment method"),
    "no_company_calendar": gettext_noop("the calendar 'company' is missing"),
    "no_calendar": gettext_noop("there is no calendar '%(name)s'"),
    "no_product": gettext_noop("there is no product '%(key)s'"),
    "no_reason": gettext_noop("there is no reason '%(key)s'"),
    "no_particular": gettext_noop("no application asks for '%(key)s'"),
    "key_twice": gettext_noop("'%(key)s' is there twice"),
    "of_the_version": gettext_noop("this belongs to the version of the terms; an agreement can't replace it"),
    "reminder_order": gettext_noop("each must come later than the one before"),
    "provider_number": gettext_noop("a provider without registration number needs its corporate_number"),
    "issuer_no_counterparty": gettext_noop(
        "only an agent that is the customers' counterparty issues invoices"
    ),
    "issuer_code_taken": gettext_noop("%(code)s begins the numbers of somebody else's invoices"),
}
_PRICE_LISTS = {
    "price_or_tiers": gettext_noop("give either unit_price or tiers"),
    "tier_order": gettext_noop("the first begins from 1, and each later one from more units"),
    "price_twice": gettext_noop("more than one price for %(keys)s"),
    "other_price_list": gettext_noop(
        "another price list from %(day)s on is published already; give a later day"
    ),
    "no_terms": gettext_noop("the service '%(service)s' has no published terms; publish them first"),
    "terms_without_product": gettext_noop("the terms of version %(version)s know no product '%(product)s'"),
    "terms_without_key": gettext_noop("the terms of version %(version)s have no '%(key)s'"),
}
_PUBLISHING = {
    "version_exists": gettext_noop("version '%(name)s' of '%(service)s' exists already, as %(state)s"),
    "draft": gettext_noop("a draft"),
    "published": gettext_noop("published"),
    "version_published": gettext_noop("version '%(name)s' is published, and never changes"),
    "other_service": gettext_noop("version '%(name)s' is one of another service"),
    "slash_in_name": gettext_noop("version '%(name)s': a name stands in addresses and holds no slash"),
    "not_storable": gettext_noop("this can't be stored: %(why)s"),
    "draft_deleted": gettext_noop("this draft was deleted"),
    "draft_changed": gettext_noop(
        "somebody changed this draft meanwhile; open it again in another window and compare"
    ),
    "not_in_text": gettext_noop("the text has no '%(key)s'"),
    "other_version": gettext_noop("the policy is for version '%(given)s', not '%(wanted)s'"),
    "other_day": gettext_noop("the policy takes effect on %(day)s, not on %(wanted)s"),
    "still_draft": gettext_noop("version '%(name)s' is a draft; edit its policy instead of correcting it"),
    "same_reading": gettext_noop("these are the rules by which the version is read already"),
    "stays_as_published": gettext_noop("belongs to the published text and stays as it is: %(wanted)s"),
    "not_later": gettext_noop("must be later than %(day)s, when version '%(name)s' takes effect"),
    "with_agent": gettext_noop("with %(rules)s of an agent: %(why)s"),
    "not_left_to_agent": gettext_noop(
        "line %(line)s: the terms decide this themselves (%(article)s); an agent's rules can't say otherwise"
    ),
    "agent_version_published": gettext_noop(
        "version '%(version)s' of these rules is published, and never changes"
    ),
    "agent_not_later": gettext_noop("must be later than %(day)s, when version '%(version)s' takes effect"),
    "no_agents_in_terms": gettext_noop("the terms of version %(version)s leave nothing to an agent"),
    "agent_without_prices": gettext_noop("the agent '%(agent)s' has no prices; it can't sell without"),
    "with_agreement": gettext_noop("with what was agreed about %(contract)s: %(why)s"),
    "agreement_unknown": gettext_noop("%(contract)s has an individual agreement, and the policy knows none"),
}
_CATALOG = {
    "no_service": gettext_noop("there is no service here: each needs a folder with a service.toml"),
    "check_digit": gettext_noop("the check digit of %(number)s is wrong"),
    "folder_name": gettext_noop("must be the folder's name, '%(name)s'"),
    "file_name": gettext_noop("must be the file's name, '%(name)s'"),
    "other_seller": gettext_noop("names another agent than that of its folder (%(agent)s)"),
    "agent_not_named": gettext_noop("'%(agent)s' is not among the agents of service.toml"),
    "no_version": gettext_noop("there is no version here: each needs <version>.toml and <version>.md"),
    "no_policy": gettext_noop("there is no policy for this text (%(file)s)"),
    "same_day": gettext_noop("version %(version)s takes effect on the same day"),
    "not_in_file": gettext_noop("'%(key)s' is not in the text %(file)s"),
    "no_price_list": gettext_noop("there is no price list here: <effective date>.toml"),
    "price_list_same_day": gettext_noop("another price list takes effect on the same day"),
    "version_without_product": gettext_noop("version %(version)s has no product '%(product)s'"),
    "version_without_key": gettext_noop("'%(key)s' is not in the text of version %(version)s"),
}
_EXAMPLES = {
    "no_agent": gettext_noop("nobody called '%(agent)s' sells '%(service)s'; agents: %(known)s"),
    "no_list": gettext_noop("not a list of examples; write [ … ] around them"),
    "id_twice": gettext_noop("%(place)s has this id already; give each example its own"),
    "example_service": gettext_noop("the service must be '%(name)s'"),
    "given_text": gettext_noop("%(given)s is not text; write %(form)s"),
    "day_form": gettext_noop("a day as YYYY-MM-DD"),
    "moment_form": gettext_noop("a moment as 2026-01-31T18:05:00+09:00"),
    "month_form": gettext_noop("a month as YYYY-MM"),
    "reference_form": gettext_noop("a citation as 19-1, 18の2, 2-1-9, general-3 or sla"),
    "given_day": gettext_noop("'%(given)s' is not a day; write it as YYYY-MM-DD"),
    "given_no_day": gettext_noop("'%(given)s' is not a day of the calendar"),
    "given_moment": gettext_noop("'%(given)s' is not a moment; write it as 2026-01-31T18:05:00+09:00"),
    "given_time_zone": gettext_noop("'%(given)s' has no time zone; write it as 2026-01-31T18:05:00+09:00"),
    "given_month": gettext_noop("'%(given)s' is not a month; write it as YYYY-MM"),
    "one_wish": gettext_noop("give wanted_on or wanted_month, not both"),
    "nothing_happened": gettext_noop("give at least one of %(names)s"),
    "line_form": gettext_noop("a line has either product and quantity, or amount and tax"),
    "month_twice": gettext_noop("a month is there twice"),
    "given_reference": gettext_noop(
        "'%(given)s' is not a citation; write it as 19-1, 18の2, 2-1-9, general-3 or sla"
    ),
    "example_of_nobody": gettext_noop("there is no service '%(name)s'"),
    "example_of_no_kind": gettext_noop("there is no kind '%(name)s'"),
    "no_event": gettext_noop("there is no event %(given)s; there are %(known)s"),
    "no_kind_of_request": gettext_noop("there is no kind of request '%(name)s'"),
    "event_beyond": gettext_noop("there is no event %(place)s; the first of %(count)s is 0"),
    "event_too_early": gettext_noop("this event lies before the one that stands in front of it"),
    "event_broke": gettext_noop("the portal failed: %(why)s"),
}
_ANSWERS = {
    "no_rule": gettext_noop("the policy has no rule on %(rule)s"),
    "no_ground": gettext_noop("there is no ground '%(key)s'"),
    "no_day_of_ground": gettext_noop("the ground '%(key)s' counts from a day (%(since)s); give it"),
    "no_version_on": gettext_noop("no version of the terms of '%(service)s' was in force on %(day)s"),
    "no_price_list_on": gettext_noop("no price list is in force on %(day)s"),
    "no_price": gettext_noop("the price list of %(day)s has no price for '%(product)s'"),
    "no_prices": gettext_noop("the price list has no price for %(products)s"),
    "not_quoted": gettext_noop("the price by individual quotation of %(products)s is not entered yet"),
    "no_terms_on": gettext_noop("no terms are in force on %(day)s"),
    "no_tax_yet": gettext_noop("there was no consumption tax on %(day)s"),
    "no_fee_of_month": gettext_noop("no fee is given for %(month)s or an earlier month"),
    "fees_missing": gettext_noop("the fee of %(months)s is missing"),
    "no_start": gettext_noop("started_on or history must say when service started"),
    "late_start": gettext_noop("the service must have started before the day of the damage"),
    "no_ids": gettext_noop("there must be at least one"),
    "restored_too_early": gettext_noop("the outage can't end before it was known"),
    "no_debit_day": gettext_noop("this payment method has no debit day to name"),
    "debit_day_outside": gettext_noop("%(day)s does not lie between %(first)s and %(last)s"),
    "negative_quantity": gettext_noop("the quantity of '%(product)s' can't be below 0, but is %(quantity)s"),
    "no_answer": gettext_noop("this can't be calculated (%(why)s)"),
}
SENTENCES = {
    **_TEXTS_OF_TERMS,
    **_LEFT_OVER,
    **_REFERENCES,
    **_FILES,
    **_DATA,
    **_POLICIES,
    **_PRICE_LISTS,
    **_PUBLISHING,
    **_CATALOG,
    **_EXAMPLES,
    **_ANSWERS,
}
