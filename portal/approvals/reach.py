"""How what takes a second person leads to its provider: by the provider's code."""

from portal.staffing.reach import Way

WAYS: dict[str, Way] = {
    "approvals.proposal": lambda staff, providers: providers.coded_at("provider"),
    "approvals.providerrule": lambda staff, providers: providers.coded_at("provider"),
}
