"""Who is written to by e-mail beside those who act for a customer in the portal."""

from __future__ import annotations

from typing import Literal

from contracts.rules.policy.base import Rule
from contracts.rules.policy.particulars import FieldKey

Correspondence = Literal["acceptance", "contract"]
"""The acceptances that form a contract or its change; all other e-mails on the contract."""


class AddresseeRule(Rule):
    """That e-mails go to whom a particular names, where that holds an e-mail address.

    An acceptance goes there first: its moment is the one at which the mail server took it for that address.
    """

    particular: FieldKey
