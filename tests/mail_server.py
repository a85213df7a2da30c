"""A mail server for tests: it speaks SMTP on a port of its own, and takes, refuses, waits or dies as told."""

import socketserver
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

OK = "250 ok"


@dataclass
class Taken:
    """A message that the server took: from and to whom by the envelope, and what it says."""

    sender: str
    recipient: str
    message: EmailMessage


@dataclass
class Manners:
    """How the server behaves. `replies` are its answers to recipients that it does not take.

    It pauses before it says that it took a message, and hangs up in place of saying so.
    """

    replies: dict[str, str] = field(default_factory=dict)
    pause: float = 0
    hangs_up: bool = False
    refuses_senders: bool = False


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("220 tests.example")
        sender = recipient = ""
        while line := self.rfile.readline().decode().strip():
            command, _colon, address = line.partition(":")
            match command.upper():
                case "MAIL FROM":
                    sender = _bare(address)
                    self._say("553 5.7.1 not owned" if self.server.manners.refuses_senders else OK)
                case "RCPT TO":
                    recipient = _bare(address)
                    self._say(self.server.manners.replies.get(recipient, OK))
                case "DATA":
                    self._say("354 go on")
                    if not self._take(sender, recipient):
                        return
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say(OK)

    def _take(self, sender: str, recipient: str) -> bool:
        content = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            content += line.removeprefix(b".") if line.startswith(b"..") else line
        time.sleep(self.server.manners.pause)
        message = message_from_bytes(content, policy=policy.default)
        self.server.taken.append(Taken(sender, recipient, message))
        if self.server.manners.hangs_up:
            return False
        self._say(OK)
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _bare(address: str) -> str:
    return address.split()[0].strip("<>")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    taken: list[Taken]
    manners: Manners


class MailServer:
    """To be started and stopped as often as needed, at the same port."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.manners = Manners()
        self.port = 0
        self._running: _Server | None = None

    def start(self) -> None:
        running = _Server(("127.0.0.1", self.port), _Conversation)
        running.taken, running.manners = self.taken, self.manners
        self.port = running.server_address[1]
        threading.Thread(target=running.serve_forever, daemon=True).start()
        self._running = running

    def stop(self) -> None:
        if self._running:
            self._running.shutdown()
            self._running.server_close()
            self._running = None

    @property
    def recipients(self) -> list[str]:
        return [one.recipient for one in self.taken]
