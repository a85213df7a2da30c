"""Sends what is due in the outbox, in a process of its own that kills itself at a chosen point.

Usage: python -m tests.faults.mail_and_die POINT NTH. With NTH 0 it lives. EMAIL_URL names the mail server.
"""

import sys

import django

from tests.faults.bill_and_die import deadly

BEFORE_CLAIM = "before-claim"
AFTER_CLAIM = "after-claim"
WITH_THE_CONTENT = "with-the-content"
AFTER_HANDING_OVER = "after-handing-over"
BEFORE_COMMIT = "before-commit"
AFTER_STORING = "after-storing"


def main(point: str, nth: int) -> None:
    django.setup()
    import smtplib

    from portal.outbox import delivery, worker
    from portal.outbox.server import Server
    from tests.outbox_scene import know, note

    know(note())
    places = {
        BEFORE_CLAIM: (worker, "claim", False),
        AFTER_CLAIM: (worker, "claim", True),
        WITH_THE_CONTENT: (smtplib.SMTP, "data", False),
        AFTER_HANDING_OVER: (Server, "give", True),
        BEFORE_COMMIT: (delivery, "kind_of", True),
        AFTER_STORING: (worker, "taken", True),
    }
    place, name, after = places[point]
    setattr(place, name, deadly(getattr(place, name), nth, after=after))
    while worker.send_due():
        pass


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
