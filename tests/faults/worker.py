"""A real worker of Celery, with short leases, small chunks and a quick look for work.

Usage: python -m tests.faults.worker
"""

from datetime import timedelta

import django

from tests.faults.bill_and_die import CHUNK

SECOND = 1.0


def main() -> None:
    django.setup()
    from django.conf import settings

    from billing.operations import chunks, leases
    from portal.celery import app

    chunks.CHUNK = CHUNK
    leases.LEASE = chunks.LEASE = timedelta(seconds=2 * SECOND)
    look = settings.CELERY_BEAT_SCHEDULE["look for work on billing runs"]
    app.conf.beat_schedule = {"look": {**look, "schedule": SECOND}}
    app.worker_main(
        [
            *("--quiet", "worker", "--beat", "--loglevel", "WARNING", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


if __name__ == "__main__":
    main()
