"""manage.py after_restore: what may have gone out since a backup that was restored, and settling it."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal.restoring import NEWEST, Findings, Settled, look, settle

WRONG_INPUT = 2


class Command(BaseCommand):
    help = (
        "Say what may have gone out, and which numbers may have been given, since the backup that was"
        " restored; with --settle, settle it and let the portal go on. Without it nothing is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", help="name the address of each e-mail that waits")
        parser.add_argument(
            "--settle",
            action="store_true",
            help="let e-mails that wait count as possibly sent, for staff to decide on each; stop runs under"
            " way; move numbers past those of stored documents; let the portal go on",
        )
        parser.add_argument(
            "--send", action="store_true", help="with --settle: let e-mails that wait be sent"
        )
        parser.add_argument(
            "--last-number",
            metavar="NUMBER",
            action="append",
            default=[],
            help="with --settle: the last number known to be given, such as CD-2026-000300; repeatable",
        )
        parser.add_argument(
            "--skip-numbers",
            metavar="N",
            type=int,
            default=0,
            help="with --settle: leave out so many numbers of each kind, as others may have been given",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["settle"] and (options["send"] or options["last_number"] or options["skip_numbers"]):
            raise CommandError(
                _("--send, --last-number and --skip-numbers need --settle. Nothing was changed."),
                returncode=WRONG_INPUT,
            )
        if options["skip_numbers"] < 0:
            raise CommandError(_("--skip-numbers takes a number from 0 on."), returncode=WRONG_INPUT)
        if not options["settle"]:
            self._show(look(), with_addresses=options["list"])
            return
        try:
            done = settle(options["last_number"], options["skip_numbers"], send=options["send"])
        except ValidationError as error:
            raise CommandError("\n".join(error.messages), returncode=WRONG_INPUT) from error
        except OSError as error:
            raise CommandError(
                _("The folder of stored files can't be read and written: %(reason)s") % {"reason": error}
            ) from error
        self._show_settled(done)

    def _show(self, found: Findings, *, with_addresses: bool) -> None:
        if found.files_behind:
            self._say(_("The folder of stored files is older than the database: files may be missing."))
        if found.reason is None:
            self._say(_("The portal is not held back."))
        else:
            self._say(found.reason.text)
        if found.missing_pdfs:
            self._say(
                _("Of the newest %(newest)s PDFs %(count)s are missing. Is the folder mounted, and restored?")
                % {"newest": NEWEST, "count": found.missing_pdfs}
            )
        if found.reason is None:
            return
        self._say(_("E-mails that wait, and may have gone out already:"))
        for mails in found.mails:
            counts = {"kind": mails.kind, "count": len(mails.addresses), "people": len(set(mails.addresses))}
            self._say(_("  %(kind)s: %(count)s, to %(people)s addresses") % counts)
            for address in sorted(mails.addresses) if with_addresses else ():
                self._say(f"    {address}")
        self._say(
            _("Billing runs under way, which will wait for approval again: %(runs)s")
            % {"runs": ", ".join(found.runs) or "–"}
        )
        self._say(_("Last numbers given, by the database and by stored documents:"))
        for numbers in found.numbers:
            self._say(f"  {numbers.series}: {numbers.last:06} / {numbers.in_files:06}")
        self._say(
            _(
                "Nothing was changed. Start the command with --settle to let the portal go on, with"
                " --last-number or --skip-numbers where higher numbers may have been given."
            )
        )

    def _show_settled(self, done: Settled) -> None:
        self._say(
            _("Left for staff to decide on: %(mails)s e-mails. Taken as said: %(reminders)s reminders.")
            % {"mails": done.mails, "reminders": done.reminders}
        )
        self._say(_("Runs that wait for approval again: %(runs)s") % {"runs": ", ".join(done.runs) or "–"})
        for series, (before, last) in done.numbers.items():
            self._say(
                _("Numbers of %(series)s go on after %(last)s instead of %(before)s.")
                % {"series": series, "last": f"{last:06}", "before": f"{before:06}"}
            )
        self._say(_("The portal goes on. Start the workers and the clock."))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
