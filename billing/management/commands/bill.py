"""manage.py bill 2026-10: issue a month's invoices, or preview them."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import Any, TextIO, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from billing.documents.drawers import cores
from billing.invoicing.pdfs import pdf_folder
from billing.runs.bill import Report, RunResult, bill
from billing.runs.chunks import Totals, Unbilled, unbilled
from billing.runs.preview import Preview, preview
from billing.runs.unapproved import RIGHT, break_glass, ensure_answered_for, ensure_approved
from contracts.extensions.kinds import kind_label
from contracts.models import Provider
from contracts.models.fields import in_current_language
from contracts.rules.calendar.period import Month
from portal.memory import keep_what_is_loaded
from portal.organisations.models import User

WRONG_INPUT = 2


class Command(BaseCommand):
    help = (
        "Issue the invoices of a month and make their PDFs. What is issued already stays as it is, so the "
        "command can be repeated at any time. What nobody approved is issued only in an emergency, in the "
        "name of one person and with a reason: all managers are told. A run that waits for approval, or was "
        "cancelled, is left alone. Exits 1 if a contract could not be billed, 2 for wrong input and for what "
        "is not approved."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="the month of use, as YYYY-MM")
        parser.add_argument("--provider", metavar="CODE", help="bill this provider only")
        parser.add_argument("--preview", action="store_true", help="calculate and show; store nothing")
        parser.add_argument(
            "--issued-on", metavar="DATE", help="the invoices' date, as YYYY-MM-DD (default: today)"
        )
        parser.add_argument("--mail", action="store_true", help="tell customers of new invoices by e-mail")
        parser.add_argument(
            "--by", metavar="ADDRESS", help="e-mail address of the staff who answers for what nobody approved"
        )
        parser.add_argument("--reason", default="", help="why nobody else could approve it")
        parser.add_argument(
            "--workers",
            metavar="N",
            type=int,
            default=cores(),
            help="processes that draw PDFs (default: cores)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        month = _month(options["month"])
        issued_on = _day(options["issued_on"])
        console = Console(file=cast(TextIO, self.stdout), soft_wrap=not self.stdout.isatty())
        problems: list[Unbilled] = []
        keep_what_is_loaded()
        refused: list[str] = []
        for provider in _providers(options["provider"]):
            if options["preview"]:
                problems += _show_preview(console, _previewed(console, provider, month, issued_on))
                continue
            try:
                staff = _who_answers(provider, month, issued_on, options["by"], options["reason"])
                with _progress(console, provider.name) as report:
                    result = bill(
                        provider,
                        month,
                        issued_on,
                        staff,
                        report=report,
                        processes=options["workers"],
                        sends_mail=options["mail"],
                    )
            except ValidationError as error:
                refused += error.messages
                continue
            except (OSError, DatabaseError) as error:
                raise CommandError(
                    _("The work stopped: %(reason)s. What is done stays; run the command again to go on.")
                    % {"reason": error}
                ) from error
            problems += _show_result(console, result)
        if refused:
            raise CommandError("\n".join(refused), returncode=WRONG_INPUT)
        if problems:
            raise CommandError(
                _("%(count)s contracts could not be billed. Correct what is named above and run again.")
                % {"count": len(problems)}
            )


def _who_answers(
    provider: Provider, month: Month, issued_on: date, by: str | None, reason: str
) -> User | None:
    """Who answers for what no second person approved; None where somebody did, or nobody has to."""
    try:
        ensure_approved(provider, month)
        ensure_answered_for(provider, month)
    except ValidationError as unapproved:
        if unapproved.code not in ("second_person", "nobody") or by is None:
            raise
        staff = User.objects.filter(email__iexact=by, is_staff=True, is_active=True).first()
        try:
            if staff is None or not staff.has_perm(RIGHT):
                raise PermissionDenied
            if unapproved.code == "second_person":
                break_glass(provider, month, issued_on, staff, reason, now())
        except PermissionDenied as refused:
            text = _("%(email)s is nobody of the staff who may bill.") % {"email": by}
            raise CommandError(text, returncode=WRONG_INPUT) from refused
        return staff
    return None


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise CommandError(
            _("“%(text)s” is not a month. Write it as YYYY-MM, such as 2026-10.") % {"text": text},
            returncode=WRONG_INPUT,
        ) from error


def _day(text: str | None) -> date:
    if text is None:
        return localdate()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            _("“%(text)s” is not a date. Write it as YYYY-MM-DD, such as 2026-11-10.") % {"text": text},
            returncode=WRONG_INPUT,
        ) from error


def _providers(code: str | None) -> list[Provider]:
    providers = Provider.objects.order_by("code")
    chosen = [provider for provider in providers if code in (None, provider.code)]
    if not chosen and code:
        raise CommandError(
            _("There is no provider “%(code)s”. Known codes: %(known)s")
            % {"code": code, "known": ", ".join(provider.code for provider in providers) or "–"},
            returncode=WRONG_INPUT,
        )
    if not chosen:
        raise CommandError(_("There is no provider yet. Load the services first."), returncode=WRONG_INPUT)
    return chosen


def _previewed(console: Console, provider: Provider, month: Month, issued_on: date) -> Preview:
    contracts = unbilled(provider, month).count()
    with _progress(console, provider.name) as report:
        return preview(provider, month, issued_on, lambda done: report(done, contracts))


@contextmanager
def _progress(console: Console, title: str) -> Iterator[Report]:
    """A progress bar on a terminal; elsewhere nothing, as the tables say what came of it."""
    if not console.is_terminal:
        yield lambda done, of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _show_preview(console: Console, shown: Preview) -> list[Unbilled]:
    title = _("Preview of %(month)s: %(provider)s") % {"month": shown.month, "provider": shown.provider.name}
    _print_totals(console, title, {**shown.services, _("Total"): shown.total})
    console.print(
        _("Already issued: %(issued)s. Nothing to charge: %(uncharged)s. Nothing was stored.")
        % {"issued": shown.already_issued, "uncharged": shown.uncharged}
    )
    for warning in shown.warnings:
        text = _("Worth a look: %(contract)s (%(service)s), %(before)s → %(now)s")
        before = "—" if warning.before is None else f"{warning.before:,}"
        facts = {"contract": warning.contract, "service": warning.service, "before": before}
        console.print(text % {**facts, "now": f"{warning.now:,}"}, markup=False)
    for early in shown.due_too_early:
        text = _("Due before their issue date: %(count)s invoices of %(service)s, the first on %(due_on)s")
        console.print(text % asdict(early), markup=False)
    for late in shown.issued_late:
        text = _("To be issued earlier by the terms: %(service)s, by %(issue_by)s")
        console.print(text % asdict(late), markup=False)
    for asked in shown.undecided:
        text = _("Not decided: request %(number)s on %(contract)s, %(kind)s")
        console.print(text % {**asdict(asked), "kind": kind_label(asked.kind)}, markup=False)
    for found in shown.corrections:
        text = _("Corrected: %(contract)s (%(service)s), %(product)s in %(month)s, %(charged)s → %(owed)s")
        facts = {"contract": found.contract, "service": found.service, "month": str(found.month)}
        facts |= {"product": in_current_language(found.names)}
        facts |= {"charged": f"{found.charged:,}", "owed": f"{found.owed:,}"}
        console.print(text % facts, markup=False)
    for missing in shown.missing_usage:
        text = _("Usage seems to be missing: %(contract)s (%(service)s), %(product)s in %(month)s")
        facts = {
            "contract": missing.contract,
            "service": missing.service,
            "product": in_current_language(missing.names),
        }
        console.print(text % {**facts, "month": missing.month})
    _print_problems(console, shown.problems)
    return shown.problems


def _show_result(console: Console, result: RunResult) -> list[Unbilled]:
    run = result.run
    title = _("Invoices of %(month)s: %(provider)s") % {
        "month": run.billed_month,
        "provider": run.provider.name,
    }
    _print_totals(console, title, {_("Total"): result.total})
    console.print(
        _("Newly issued: %(issued)s. PDFs made: %(pdfs)s. Status: %(status)s.")
        % {"issued": result.issued, "pdfs": result.pdfs, "status": run.get_status_display()}
    )
    if result.mail_trouble:
        console.print(
            _("E-mails wait, because of the mail server: %(trouble)s") % {"trouble": result.mail_trouble},
            markup=False,
        )
    if result.total.count:
        console.print(_("The PDFs are in %(folder)s") % {"folder": pdf_folder(run)})
    _print_problems(console, result.problems)
    return result.problems


def _print_totals(console: Console, title: str, rows: Mapping[str, Totals]) -> None:
    table = Table(title=title, title_justify="left")
    table.add_column(_("Service"))
    for heading in (_("Invoices"), _("Without tax"), _("Tax"), _("With tax")):
        table.add_column(heading, justify="right")
    for name, total in rows.items():
        amounts = (total.count, total.net, total.tax, total.gross)
        table.add_row(name, *(f"{amount:,}" for amount in amounts))
    console.print(table)


def _print_problems(console: Console, problems: list[Unbilled]) -> None:
    for problem in problems:
        console.print(
            _("Not billed: %(contract)s (%(service)s): %(reason)s")
            % {"contract": problem.contract, "service": problem.service, "reason": problem.reason},
            markup=False,
        )
