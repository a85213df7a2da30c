from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from unfold.enums import ActionVariant

_Method = TypeVar("_Method", bound=Callable[..., Any])

def action(
    *,
    permissions: Iterable[str] | None = ...,
    description: Any = ...,
    url_path: str | None = ...,
    attrs: dict[str, Any] | None = ...,
    icon: str | None = ...,
    variant: ActionVariant | None = ...,
    dialog: Any = ...,
) -> Callable[[_Method], _Method]: ...
def display(
    *,
    boolean: bool | None = ...,
    image: bool | None = ...,
    ordering: Any = ...,
    description: Any = ...,
    empty_value: str | None = ...,
    dropdown: bool | None = ...,
    label: bool | str | dict[Any, str] | None = ...,
    header: bool | None = ...,
) -> Callable[[_Method], _Method]: ...
