"""Read a terms text from a file and, if asked to, store it as the draft of a version."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from contracts.models import Service
from contracts.publishing.drafts import DraftRefused, create_draft
from contracts.source_files import UnreadableFile, read_source
from contracts.terms.importing import ImportedTerms, TermsImportError, import_text
from contracts.terms.importing.report import as_json

REFUSED = 2


class Command(BaseCommand):
    help = (
        "Read a terms text (text, Markdown, .docx or PDF with a text layer) into chapters, articles, "
        "paragraphs and items. With --service and --version it is stored as a draft. Exit code 2, and "
        "nothing stored, if the file can't be read or the draft can't be stored."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        # Django's own --version, which prints Django's, makes way for the version of the terms.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--service", metavar="SLUG", help="the service whose terms these are")
        parser.add_argument("--version", metavar="NAME", help="the name of the version, such as 16")
        parser.add_argument("--dry-run", action="store_true", help="store nothing, only say what would be")
        parser.add_argument("--json", action="store_true", help="print the whole tree and what is not in it")

    def handle(self, *, file: Path, service: str | None, version: str | None, **options: Any) -> None:
        if (service is None) != (version is None):
            raise CommandError("--service and --version belong together", returncode=REFUSED)
        imported = read_file(file)
        stored = ""
        if service is not None and version is not None:
            stored = _store(imported, file, service, version, dry_run=options["dry_run"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(imported), ensure_ascii=False, indent=2))
            self.stderr.write(stored)
        else:
            for line in (*_summary(imported), stored):
                self.stdout.write(line)


def read_file(file: Path) -> ImportedTerms:
    """Read and import a file; CommandError names the file and every problem."""
    try:
        return import_text(read_source(file.read_bytes()))
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}", returncode=REFUSED) from error
    except UnreadableFile as error:
        raise CommandError(f"{file}: {error}", returncode=REFUSED) from error
    except TermsImportError as error:
        problems = "\n".join(f"{file}: {problem}" for problem in error.problems)
        raise CommandError(problems, returncode=REFUSED) from error


def _store(imported: ImportedTerms, file: Path, slug: str, name: str, *, dry_run: bool) -> str:
    """Store the draft, or find out whether it could be stored; what was done, in a sentence."""
    try:
        service = Service.objects.get(slug=slug)
        with transaction.atomic():
            create_draft(service, name=name, terms=imported.terms, source=file.name, staff=None)
            transaction.set_rollback(dry_run)
    except Service.DoesNotExist as error:
        known = ", ".join(Service.objects.order_by("slug").values_list("slug", flat=True)) or "none"
        message = f"{file}: there is no service '{slug}'; there are: {known}"
        raise CommandError(message, returncode=REFUSED) from error
    except DraftRefused as error:
        raise CommandError(f"{file}: {error}", returncode=REFUSED) from error
    if dry_run:
        return f"Nothing was stored (--dry-run); version '{name}' of '{slug}' can be stored."
    return f"Stored as the draft '{name}' of '{slug}'."


def _summary(imported: ImportedTerms) -> Iterator[str]:
    terms, report = imported.terms, as_json(imported)
    regular = [article for article in terms.articles if not article.number.irregular]
    yield terms.title
    for chapter in terms.chapters:
        numbers = [article.number.label_ja() for article in chapter.articles]
        heading = chapter.heading.replace("\n", " ") or "–"
        yield f"  {heading}: {numbers[0]}" + (f" – {numbers[-1]}" if len(numbers) > 1 else "")
    for annex in terms.annexes:
        yield f"  {annex.title} ({annex.key}), clauses: {len(annex.clauses)}"
    others = len(terms.articles) - len(regular)
    yield f"{len(regular)} numbered articles, {others} with an open number, {len(terms.annexes)} annexes"
    yield from (f"Note: {note}" for note in imported.notes)
    for leftover in imported.not_placed:
        yield f"Not placed: line {leftover.line}: {leftover.text} ({leftover.reason})"
    for dangling in report["dangling_references"]:
        yield f"Leads nowhere: {dangling['at']}: {dangling['text']} ({dangling['reason']})"
    for item in imported.furniture:
        yield f"Of the page: line {item.line}: {item.text} ({item.kind})"
