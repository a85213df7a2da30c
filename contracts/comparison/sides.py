"""What can be compared: files that can be imported as a terms text, and versions (`slug@name`)."""

from pathlib import Path

from django.db import DatabaseError

from contracts.comparison.table import Side
from contracts.models import Service, TermsVersion
from contracts.source_files import UnreadableFile, read_source
from contracts.terms.importing import TermsImportError, import_text
from contracts.terms.tree import Terms


class SideError(ValueError):
    """A text can't be compared, with the reason and what to do."""


def read_side(source: str) -> Side:
    """Read a file or a version; a file that exists goes before a version of that name. Raises SideError."""
    file = Path(source)
    if file.is_file():
        return Side(_read_file(file), file.name)
    slug, at, name = source.rpartition("@")
    if at and slug and name and len(file.parts) == 1:
        return Side(_read_version(slug, name), name)
    reason = "this is a folder, not a file" if file.is_dir() else "there is no such file"
    raise SideError(f"{source}: {reason}; give a file, or a version as SERVICE@VERSION")


def _read_file(file: Path) -> Terms:
    try:
        return import_text(read_source(file.read_bytes())).terms
    except OSError as error:
        raise SideError(f"{file}: can't be read: {error.strerror}") from error
    except UnreadableFile as error:
        raise SideError(f"{file}: {error}") from error
    except TermsImportError as error:
        problems = "\n".join(f"  {problem}" for problem in error.problems)
        raise SideError(f"{file}: is no terms text:\n{problems}") from error


def _read_version(slug: str, name: str) -> Terms:
    try:
        version = TermsVersion.objects.filter(service__slug=slug, name=name).first()
        known = TermsVersion.objects.filter(service__slug=slug).order_by("effective_on")
        names = list(known.values_list("name", flat=True))
        slugs = list(Service.objects.order_by("slug").values_list("slug", flat=True))
    except DatabaseError as error:
        raise SideError(
            f"{slug}@{name}: the database can't be asked ({error}); run migrate and load_services"
        ) from error
    if version is not None:
        return version.terms
    if names:
        raise SideError(f"{slug}@{name}: the versions of '{slug}' are {', '.join(names)}")
    loaded = ", ".join(slugs) or "none; run load_services first"
    raise SideError(f"{slug}@{name}: there is no service '{slug}'; loaded are: {loaded}")
