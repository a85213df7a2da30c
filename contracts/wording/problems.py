"""What is wrong with a text or policy, in the language of the interface.

The pure parts and the operations say it in English; here their sentences are matched. What is not known here
is shown in English.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contracts.rules.policy.problems import Problem
from contracts.terms.reader import TermsProblem
from contracts.terms.references import Missing

_SENTENCES = (
    gettext_noop("a ## heading is a chapter (第1章 …, 第1節 …) or an annex ending in {#key}"),
    gettext_noop("a ### heading is an article: 第1条（…） or 第18条の2（…）"),
    gettext_noop("a heading has one to four # signs"),
    gettext_noop("a heading needs a space after its # signs, and a text"),
    gettext_noop("a heading or quotation must start at the beginning of the line"),
    gettext_noop("a heading with four # signs stands inside an article or annex"),
    gettext_noop("a numbered paragraph must start at the beginning of the line"),
    gettext_noop("a numbered paragraph needs a number from 1 and a text"),
    gettext_noop("a quotation is the preamble and stands before all chapters and articles"),
    gettext_noop("a table row must end with |"),
    gettext_noop("a table row needs at least one cell"),
    gettext_noop("a text has one title only; chapters are written as ##"),
    gettext_noop("a |---| line stands below the first row of a table only"),
    gettext_noop("an item needs a text"),
    gettext_noop("articles stand before the annexes"),
    gettext_noop("chapters stand before the annexes"),
    gettext_noop("indent with ordinary spaces only (no tab or full-width space)"),
    gettext_noop("items stand before the table of their paragraph, or after it and a blank line"),
    gettext_noop("no article (第1条 …) was found in the text"),
    gettext_noop("text outside of an article or annex (a preamble is written as a quotation: > …)"),
    gettext_noop("the text has no title (# …)"),
    gettext_noop("the text is empty"),
    gettext_noop("the title stands before all chapters and articles"),
    gettext_noop("this article or annex has no text"),
    gettext_noop("this item is indented like none of the items above it"),
    gettext_noop("this line is indented but continues no text above it"),
    gettext_noop("the file is empty"),
    gettext_noop("the PDF is damaged and can't be read"),
    gettext_noop("the PDF holds only pictures of pages (a scan) and no text; use one with a text layer"),
    gettext_noop("the PDF holds no text"),
    gettext_noop("this is not a text file (nor PDF or .docx): it holds control characters"),
    gettext_noop("the Word file holds no text"),
    gettext_noop("the content of the Word file is too large"),
    gettext_noop("this is no Word file; use text, Markdown, .docx or PDF"),
    gettext_noop("the Word file is damaged and can't be read"),
    gettext_noop(
        "this is an old Word file (.doc) or one with a password; save it as .docx without a password"
    ),
    gettext_noop(
        "this is a comparison table (新旧対照表): it holds excerpts of two versions; "
        "import the whole text of one"
    ),
    gettext_noop("this draft was deleted"),
    gettext_noop("somebody changed this draft meanwhile; open it again in another window and compare"),
    gettext_noop("this belongs to the version of the terms; an agreement can't replace it"),
    gettext_noop("this value is missing"),
    gettext_noop("unknown name; check the spelling, or take it out"),
    gettext_noop("this must not be empty"),
    gettext_noop("write a day of the year as MM-DD"),
    gettext_noop("give exactly one of months, days, business_days"),
    gettext_noop("give either lead or timing (beforehand, afterwards, where_possible)"),
    gettext_noop("period belongs to since = notice, breach or due_date: give both or neither"),
    gettext_noop("named_day must lie between from_day and to_day"),
    gettext_noop("give either day or window"),
    gettext_noop("adjust and calendars belong together: give both or neither"),
    gettext_noop('write the rate as text, such as "14.6", so that it stays exact'),
    gettext_noop("due: say at least when usage fees are due"),
    gettext_noop("due: every charge needs at least one payment method"),
    gettext_noop("calendars: the calendar 'company' is missing"),
    gettext_noop("give either unit_price or tiers"),
    gettext_noop("tiers: the first begins from 1, and each later one from more units"),
    gettext_noop("the text has no such article"),
    gettext_noop("the article has no such paragraph"),
    gettext_noop("the paragraph has no such item"),
    gettext_noop("the text has no such annex"),
)
_PATTERNS = (
    gettext_noop("with what was agreed about %(contract)s: %(why)s"),
    gettext_noop("%(contract)s has an individual agreement, and the policy knows none"),
    gettext_noop("%(what)s already stands in line %(line)s"),
    gettext_noop("no article stands under %(heading)s"),
    gettext_noop("paragraph %(number)s stands twice in this article or annex"),
    gettext_noop("item %(label)s stands twice in this place"),
    gettext_noop("this row has %(cells)s cells, the table %(width)s"),
    gettext_noop("the text is neither UTF-8 nor Shift_JIS: a byte in line %(line)s fits neither; %(do)s"),
    gettext_noop("the text is neither UTF-8 nor Shift_JIS, but perhaps EUC-JP; %(do)s"),
    gettext_noop("the file is larger than %(size)s MB"),
    gettext_noop("the file holds %(length)s characters; at most %(most)s are taken"),
    gettext_noop("version '%(name)s' of '%(service)s' exists already, as %(state)s"),
    gettext_noop("version '%(name)s' is published, and never changes"),
    gettext_noop("version '%(name)s': a name stands in addresses and holds no slash"),
    gettext_noop("the text has no '%(key)s'"),
    gettext_noop("must be later than %(day)s, when version '%(name)s' takes effect"),
    gettext_noop("the policy is for version '%(given)s', not '%(wanted)s'"),
    gettext_noop("the policy takes effect on %(day)s, not on %(wanted)s"),
    gettext_noop("this must have the form %(form)s (given: %(given)s)"),
    gettext_noop("this must have at least %(least)s entries (given: %(given)s)"),
    gettext_noop("this must have at most %(most)s entries (given: %(given)s)"),
    gettext_noop("this must have at most %(most)s characters (given: %(given)s)"),
    gettext_noop("this must have at most %(most)s digits (given: %(given)s)"),
    gettext_noop("this must have at most %(most)s digits after the point (given: %(given)s)"),
    gettext_noop("this must have at most %(most)s digits before the point (given: %(given)s)"),
    gettext_noop("this must be at least %(least)s (given: %(given)s)"),
    gettext_noop("this must be at most %(most)s (given: %(given)s)"),
    gettext_noop("this must be more than %(least)s (given: %(given)s)"),
    gettext_noop("this must be less than %(most)s (given: %(given)s)"),
    gettext_noop("this must be a multiple of %(number)s (given: %(given)s)"),
    gettext_noop("this must be %(shape)s (given: %(given)s)"),
    gettext_noop("a name must be text (given: %(given)s)"),
    gettext_noop("this value does not fit (code %(code)s; given: %(given)s)"),
    gettext_noop("'%(day)s' is not a day of the year"),
    gettext_noop("%(path)s: there is no calendar '%(name)s'"),
    gettext_noop("%(path)s: there is no product '%(key)s'"),
    gettext_noop("%(path)s: there is no reason '%(key)s'"),
    gettext_noop("%(path)s: '%(key)s' is there twice"),
    gettext_noop("prices: more than one price for %(keys)s"),
    gettext_noop("another price list from %(day)s on is published already; give a later day"),
    gettext_noop("the service '%(service)s' has no published terms; publish them first"),
    gettext_noop("the terms of version %(version)s know no product '%(product)s'"),
    gettext_noop("the terms of version %(version)s have no '%(key)s'"),
    gettext_noop("'%(given)s' is not allowed here; allowed: %(allowed)s"),
    gettext_noop("not valid TOML: %(error)s"),
)
_PARTS = {
    "a draft": gettext_noop("a draft"),
    "published": gettext_noop("published"),
    "save it as UTF-8 and try again": gettext_noop("save it as UTF-8 and try again"),
    "text": gettext_noop("text"),
    "a whole number": gettext_noop("a whole number"),
    "true or false": gettext_noop("true or false"),
    "a number": gettext_noop("a number"),
    "a day, such as 2027-04-01": gettext_noop("a day, such as 2027-04-01"),
    "a time of day, such as 17:00": gettext_noop("a time of day, such as 17:00"),
    "a list": gettext_noop("a list"),
    "a group of names and values": gettext_noop("a group of names and values"),
}


def reason_text(reason: str) -> str:
    """A reason in the language of the interface."""
    if reason in _SENTENCES:
        return _(reason)
    for pattern, matcher in _MATCHERS:
        found = matcher.fullmatch(reason)
        if found:
            return _(pattern) % {name: _part_text(name, part) for name, part in found.groupdict().items()}
    return reason


def _part_text(name: str, part: str) -> str:
    if name == "why":
        return reason_text(part)
    return _(part) if part in _PARTS else part


def missing_text(missing: Missing) -> str:
    return reason_text(str(missing))


def problem_texts(problems: Iterable[Problem], text: str = "") -> list[str]:
    """Problems with where they are; those of a line (`text line 12`) with the line as it is written."""
    return [_problem_text(problem, text.split("\n")) for problem in problems]


def line_texts(problems: Iterable[TermsProblem], text: str = "") -> list[str]:
    """Problems of an import, by line."""
    return problem_texts([Problem(f"text line {found.line}", found.reason) for found in problems], text)


def _problem_text(problem: Problem, lines: list[str]) -> str:
    reason = reason_text(problem.reason)
    in_line = re.fullmatch(r"text line (\d+)", problem.path)
    if in_line is None:
        return f"{problem.path}: {reason}" if problem.path else reason
    number = int(in_line[1])
    written = lines[number - 1].strip() if number <= len(lines) else ""
    shown = {"line": number, "reason": reason, "written": written[:60]}
    return (
        _("Line %(line)s: %(reason)s – “%(written)s”") % shown
        if written
        else _("Line %(line)s: %(reason)s") % shown
    )


def _matcher(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"%\((\w+)\)s", pattern)
    return re.compile(
        "".join(f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)),
        re.DOTALL,
    )


_MATCHERS = [(pattern, _matcher(pattern)) for pattern in _PATTERNS]
