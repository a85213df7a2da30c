from collections.abc import Callable
from typing import Any, TypeVar

_Receiver = TypeVar("_Receiver", bound=Callable[..., Any])

class Signal:
    def connect(self, receiver: _Receiver) -> _Receiver: ...

before_task_publish: Signal
task_prerun: Signal
task_postrun: Signal
worker_process_init: Signal
