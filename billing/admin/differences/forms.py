"""What staff enter to decide on differences."""

from billing.admin.forms import ReasonForm
from billing.admin.invoicing.forms import ApprovalForm


class DecisionForm(ReasonForm, ApprovalForm):
    """A reason, for what staff have before them."""
