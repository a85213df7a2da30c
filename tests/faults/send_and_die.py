"""Hands a notice's e-mails over, in a process of its own that kills itself at a chosen point.

Usage: python -m tests.faults.send_and_die POINT NTH NOTICE. With NTH 0 it lives. E-mails become files in
EMAIL_FILE_PATH, one a message, as EMAIL_URL says.
"""

import sys

import django

from tests.faults.bill_and_die import deadly

CHUNK = 3

AFTER_CLAIM = "after-claim"
AFTER_HANDING_OVER = "after-handing-over"
BEFORE_CHUNK = "before-chunk"


def main(point: str, nth: int, notice: int) -> None:
    django.setup()
    from contracts.models import Notice
    from contracts.notices import deliveries

    deliveries.CHUNK = CHUNK
    places = {
        AFTER_CLAIM: (deliveries, "_claim", True),
        AFTER_HANDING_OVER: (deliveries, "effective_at", False),
        BEFORE_CHUNK: (deliveries, "get_connection", False),
    }
    module, name, after = places[point]
    setattr(module, name, deadly(getattr(module, name), nth, after=after))
    deliveries.deliver(Notice.objects.get(pk=notice))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
