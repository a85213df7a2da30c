"""How processes that work through many rows use the garbage collector."""

import gc


def keep_what_is_loaded() -> None:
    """Spare the garbage collector what stays loaded anyway; to be called once a process is ready for work.

    It would look through all of the program again and again, which takes a third of a calculation's time.
    """
    gc.collect()
    gc.freeze()
