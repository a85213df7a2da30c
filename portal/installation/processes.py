"""Names of processes."""

import os
import socket


def this_process() -> str:
    """This process among those of all machines of the installation."""
    return f"{socket.gethostname()}:{os.getpid()}"
