"""How what is kept how long leads to its provider: by the provider's code."""

from portal.staffing.reach import Way

WAYS: dict[str, Way] = {
    "retention.retentionperiod": lambda staff, providers: providers.coded_at("provider"),
}
