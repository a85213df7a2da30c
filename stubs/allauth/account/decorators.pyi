from collections.abc import Callable
from typing import Any, TypeVar

_View = TypeVar("_View", bound=Callable[..., Any])

def reauthentication_required(*, allow_get: bool = ..., app: str = ...) -> Callable[[_View], _View]: ...
def secure_admin_login(function: _View) -> _View: ...
