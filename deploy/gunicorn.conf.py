"""How the web processes run: `gunicorn --config deploy/gunicorn.conf.py portal.wsgi`.

BIND, WEB_CONCURRENCY (processes) and THREADS are read from the environment.
"""

import os
from pathlib import Path
from typing import Any

from portal.logs.processes import forget, share_counts

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
threads = int(os.environ.get("THREADS", "4"))
worker_class = "gthread"
# A page may wait for a lock on SQLite for 20 seconds.
timeout = 60
# Each process begins anew from time to time, so that memory in pieces does not grow.
max_requests, max_requests_jitter = 5000, 500
control_socket_disable = True

share_counts(Path(os.environ.get("PORTAL_VAR", "var")) / "counts")


def child_exit(server: Any, worker: Any) -> None:
    """A process that ended is no longer counted among those that live."""
    forget(worker.pid)
