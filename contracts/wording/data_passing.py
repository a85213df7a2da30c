"""What who applies is told of the data that pass to the sales agent."""

from typing import TYPE_CHECKING

from contracts.wording.local_text import localised

if TYPE_CHECKING:
    from contracts.models import TermsVersion


def data_statement(version: "TermsVersion") -> str:
    """The statement in the current language; empty where no agent sells by the version, or it states none."""
    rule = version.policy.agents
    return localised(rule.data.text) if rule and rule.data and version.seller else ""
