"""What requests have in common that were sent as one change of a contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from contracts.lifecycle.items import NewQuantity


@dataclass(frozen=True)
class Bundle:
    """`key` is one for all of them; `all_or_nothing`: they are accepted together or not at all.

    `beside` is what those sent before it change once they are accepted, with which the next is judged.
    """

    key: UUID
    all_or_nothing: bool
    beside: Sequence[NewQuantity] = ()

    def key_of(self, product: str) -> UUID:
        """The submission key of the request about a product."""
        return uuid5(self.key, product)
