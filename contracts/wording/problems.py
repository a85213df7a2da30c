"""What is wrong with a text, a policy or a file, in the language of the interface."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from contracts.problems.reasons import SENTENCES, Reason
from contracts.rules.problems import Problem
from contracts.terms.reader import TermsProblem


def reason_text(reason: Reason) -> str:
    """The sentence of a reason's key, with its values."""
    values = {
        name: reason_text(value) if isinstance(value, Reason) else value
        for name, value in reason.values.items()
    }
    return _(SENTENCES[reason.key]) % values


def problem_texts(problems: Iterable[Problem], text: str = "") -> list[str]:
    """Problems with where they are; those of a line with the line as `text` has it."""
    return [_problem_text(problem, text.split("\n")) for problem in problems]


def line_texts(problems: Iterable[TermsProblem], text: str = "") -> list[str]:
    """Problems of an import, by line."""
    return problem_texts([Problem("", found.reason, found.line) for found in problems], text)


def _problem_text(problem: Problem, lines: list[str]) -> str:
    reason = reason_text(problem.reason)
    if problem.line is None:
        return f"{problem.path}: {reason}" if problem.path else reason
    written = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
    shown = {"line": problem.line, "reason": reason, "written": written[:60]}
    return (
        _("Line %(line)s: %(reason)s – “%(written)s”") % shown
        if written
        else _("Line %(line)s: %(reason)s") % shown
    )
