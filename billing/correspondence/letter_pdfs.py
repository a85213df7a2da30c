"""The PDFs of letters about what is owed: drawn once by workers, from what was issued alone, and kept."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from billing.documents.letters import render_deposit, render_reminder, render_set_off
from billing.models import DepositLetter, Reminder, SetOff
from portal.kept_files import read_checked, store
from portal.outbox.attachments import KeptFile

AnyLetter = DepositLetter | Reminder | SetOff

_DRAWINGS: dict[type[AnyLetter], tuple[str, Callable[[Any], bytes]]] = {
    DepositLetter: ("deposit", render_deposit),
    Reminder: ("reminder", render_reminder),
    SetOff: ("set-off", render_set_off),
}


def letters_to_draw() -> Iterator[AnyLetter]:
    """Those that were issued and have no PDF yet."""
    for model in _DRAWINGS:
        yield from model.objects.filter(pdf="").order_by("pk")


@transaction.atomic
def draw_letter(letter: AnyLetter) -> None:
    """Draw the PDF of a letter and keep it, unless it has one. Raises StorageError.

    The file comes first, its name after it: the same letter gives the same bytes whoever draws it.
    """
    model = type(letter)
    current = model.objects.select_for_update(of=("self",)).select_related("provider").get(pk=letter.pk)
    if not current.pdf:
        kind, render = _DRAWINGS[model]
        name = f"letters/{current.provider.code}/{kind}-{current.document_hash[:16]}.pdf"
        model.objects.filter(pk=letter.pk).update(pdf=name, pdf_hash=store(name, render(current.document)))
    letter.refresh_from_db(fields=["pdf", "pdf_hash"])


def letter_file(letter: AnyLetter, name: str) -> KeptFile:
    """A letter's PDF as a file that goes out with an e-mail under a name. Raises StorageError."""
    if not letter.pdf:
        draw_letter(letter)
    return KeptFile(name, str(letter.pdf), letter.pdf_hash)


def kept_pdf(letter: AnyLetter) -> bytes | None:
    """The stored bytes of a letter; None while it is being drawn.

    Raises DamagedFileError where they are missing or not those that were drawn; StorageError.
    """
    return read_checked(str(letter.pdf), letter.pdf_hash) if letter.pdf else None
