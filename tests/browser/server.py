"""The portal on a free port of this machine, in a thread of the test's process.

Unlike Django's live server it hands out static files as in production: collected, with hashed names,
by WhiteNoise. Being in the same process, it lives in the test's time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
        """What went wrong shows in the browser; a log of all requests would hide the test's own words."""


@contextmanager
def serving() -> Iterator[str]:
    """Serve with the settings of this moment; gives the address."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(WSGIHandler())
    thread = Thread(target=server.serve_forever, name="portal", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
