"""What an organisation reports of itself once: a move, or a new name; and what of that a contract is told."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from contracts.models import Contract, TermsVersion
from contracts.requests.data import RequestData
from contracts.requests.kinds.reported import NameChange, NameData, ParticularsChange, ParticularsData
from contracts.rules.policy.particulars import SENT_TO


@dataclass(frozen=True, kw_only=True)
class Move:
    """A new address, and perhaps telephone number, from a day on.

    `invoices_to` is where invoices go by post from then on; empty where that stays as it is.
    """

    starts_on: date
    postal_code: str
    address: str
    phone: str
    invoices_to: str = ""

    kind: ClassVar[str] = ParticularsChange.key

    @property
    def own(self) -> dict[str, str]:
        """What the organisation itself states from then on."""
        return {"postal_code": self.postal_code, "address": self.address, "phone": self.phone}

    def data_for(self, contract: Contract, version: TermsVersion, on: date) -> RequestData | None:
        """What is to be reported on a contract for a day; None where it states all of that already."""
        organisation, held = contract.organisation, contract.particulars_on(on)
        asked = {field.key for field in version.policy.application.fields}
        wanted = {"postal_code": self.postal_code, "address": self.address}
        if self.phone != organisation.phone:
            wanted["phone"] = self.phone
        if self.invoices_to and SENT_TO in asked:
            wanted[SENT_TO] = self.invoices_to
        stated = {key: held.get(key) or str(getattr(organisation, key, "")) for key in wanted}
        changed = {key: value for key, value in wanted.items() if value != stated[key]}
        if not changed:
            return None
        return ParticularsData.model_validate({"wanted_on": on, "particulars": changed})


@dataclass(frozen=True, kw_only=True)
class Rename:
    """A new name, perhaps with its reading, from a day on; the organisation stays the same."""

    starts_on: date
    name: str
    kana: str = ""

    kind: ClassVar[str] = NameChange.key

    @property
    def own(self) -> dict[str, str]:
        """What the organisation itself states from then on."""
        return {"name": self.name, **({"kana": self.kana} if self.kana else {})}

    def data_for(self, contract: Contract, version: TermsVersion, on: date) -> RequestData | None:
        """What is to be reported on a contract for a day; None where it bears the name already."""
        if contract.name_on(on) == self.name:
            return None
        return NameData(wanted_on=on, name=self.name, kana=self.kana)


Report = Move | Rename
