"""Files of banks, read in a process of their own."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.core.exceptions import ValidationError

from billing.documents.bank_files.problems import BankFileError
from billing.receivables.bank.file_texts import file_problems
from portal.limits.reading import TOO_MUCH, TooMuchToReadError, read_apart

P = ParamSpec("P")
T = TypeVar("T")


def read_bank_file(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a reader makes of a bank's file. ValidationError with every problem, or if it is too much."""
    try:
        return read_apart(read, *args, **kwargs)
    except BankFileError as error:
        raise ValidationError(file_problems(error)) from error
    except TooMuchToReadError as error:
        raise ValidationError(TOO_MUCH, code="too_much") from error
