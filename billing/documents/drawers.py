"""Invoices drawn by processes of their own: they turn documents into bytes, and touch nothing else."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType

import django

from billing.documents.invoice_document import InvoiceDocument
from billing.documents.invoice_pdf import draw
from portal.pdf import DrawnPdf

_log = logging.getLogger(__name__)

WORTHWHILE = 50  # documents at once: starting processes takes as long as drawing some hundred
_AT_A_TIME = 5


def cores() -> int:
    """How many processes this machine runs at once for us."""
    return len(os.sched_getaffinity(0))


class Drawers:
    """Draws invoices in `processes` of its own once there are many, and here as long as there are few.

    To be used as a context, which ends the processes. They end with this one, however that happens.
    """

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def draw(self, documents: Sequence[InvoiceDocument]) -> Iterator[DrawnPdf]:
        """The PDFs, in order. A process that is lost is replaced by this one; the bytes are the same."""
        done = 0
        if self._processes > 1 and (self._pool or len(documents) >= WORTHWHILE):
            try:
                for drawn in self._started().map(draw, documents, chunksize=_AT_A_TIME):
                    yield drawn
                    done += 1
            except BrokenProcessPool:
                _log.warning("A process that drew invoices was lost; going on without.")
                self._processes, self._pool = 1, None
        yield from map(draw, documents[done:])

    def __enter__(self) -> "Drawers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        """The pool. Its processes start anew: a copy of this one would share its connections and locks."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, context, initializer=_prepare)
        return self._pool


def _prepare() -> None:
    django.setup()
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
