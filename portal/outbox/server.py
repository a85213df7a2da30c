"""The mail server, as the outbox speaks with it."""

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from django.core.mail import EmailMessage, get_connection

from portal.installation.mail_server import noting_trouble


class ServerAwayError(Exception):
    """The mail server can't be reached."""


class Server:
    """Connected to when it is needed first, and again after a connection was lost.

    To be used as a context. `has_all` says whether it was given the content of the last message: only then
    may it have taken one whose handing over failed.
    """

    def __init__(self) -> None:
        self._connection = get_connection()
        self._is_connected = False
        self.has_all = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def connect(self) -> None:
        """Connect, unless that is done. Raises ServerAwayError."""
        if self._is_connected:
            return
        try:
            with noting_trouble():
                self._connection.open()
        except OSError as trouble:  # smtplib's errors among them
            self.hang_up()
            raise ServerAwayError(f"{type(trouble).__name__}: {trouble}") from trouble
        self._is_connected = True
        smtp = getattr(self._connection, "connection", None)  # other backends have none
        if smtp is not None:
            smtp.data = self._noted(smtp.data)

    def _noted(self, give_content: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The last step of handing a message over, noting that it was reached."""

        def noted(content: Any) -> Any:
            self.has_all = True
            return give_content(content)

        return noted

    def give(self, message: EmailMessage) -> None:
        """Hand a message over. Raises OSError, smtplib's errors among them; ValueError for a bad address."""
        self.has_all = False
        with noting_trouble():
            message.connection = self._connection
            if not message.send():
                raise ConnectionError("the mail server was not given the message")

    def hang_up(self) -> None:
        with suppress(OSError):
            self._connection.close()
        self._is_connected = False
