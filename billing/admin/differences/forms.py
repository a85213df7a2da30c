"""What staff enter to decide on differences."""

from billing.admin.forms import ApprovalForm, ReasonForm


class DecisionForm(ReasonForm, ApprovalForm):
    """A reason, for what staff have before them."""
