"""What the provider aims at in providing the service (SLA)."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator

from contracts.rules.policy.base import Rule
from contracts.rules.problems import refusal


class ServiceLevelRule(Rule):
    """How much of a year the service is available, in percent, and after how many hours an outage is over."""

    availability_percent: Annotated[Decimal, Field(gt=0, le=100)]
    recovery_hours: Annotated[int, Field(ge=1)] | None = None

    @field_validator("availability_percent", mode="before")
    @classmethod
    def _exact(cls, value: object) -> object:
        if isinstance(value, float):
            raise refusal("rate_as_text")
        return value
