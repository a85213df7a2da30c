"""A customer's first month with each service. Every amount and day was worked out by hand.

Prices are those of the price lists that ship with the services; the consumption tax is 10 %.
"""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.rules.calendar.period import JAPAN


@dataclass(frozen=True, kw_only=True)
class FirstMonth:
    """What is ordered and when, and what the first invoice must say.

    `starts_on` is the day that staff name in an activation notice, where the terms want one. `cancel_by` is
    the last day for ending the contract at the next possible time, as seen when the invoice arrives.
    """

    service: str
    applied_at: datetime
    wanted_start_on: date
    quantities: dict[str, str]
    payment_method: str = "transfer"
    starts_on: date
    month: str
    billed_at: datetime
    number: str
    registration_number: str
    net: int
    tax: int
    gross: int
    due_on: date
    cancel_by: date
    lines: dict[str, int]

    def __str__(self) -> str:
        return self.service


def at(year: int, month: int, day: int, hour: int = 11) -> datetime:
    return datetime(year, month, day, hour, tzinfo=JAPAN)


FIRST_MONTHS = [
    # Billed by the sales agent that the customer chooses.
    # Due at the end of the second month, a Sunday: banks open before it on Friday the 26th.
    # Charged from the first of the month of the start, though service starts on the 4th.
    # A cancellation by that Sunday must arrive in business hours, and so by 17:00 on that Friday.
    FirstMonth(
        service="progoffice",
        applied_at=at(2026, 12, 10),
        wanted_start_on=date(2027, 1, 4),
        quantities={"user": "４５", "setup": "1"},
        starts_on=date(2027, 1, 4),
        month="2027-01",
        billed_at=at(2027, 2, 3),
        number="AZ-2026-000001",
        registration_number="T9000000333333",
        lines={"user": 18_000, "setup": 30_000},
        net=48_000,
        tax=4_800,
        gross=52_800,
        due_on=date(2027, 2, 26),
        cancel_by=date(2027, 2, 26),
    ),
    # Due at the end of the month of use, a Saturday, which stays. Six of the eight users come with the seats.
    FirstMonth(
        service="ct-e1",
        applied_at=at(2026, 9, 10),
        wanted_start_on=date(2026, 10, 1),
        quantities={
            "line": "5",
            "seat": "6",
            "admin": "1",
            "user": "8",
            "recording-16h": "6",
            "number-issue": "3",
            "number-first": "1",
            "number-additional": "2",
            "setup-standard": "1",
        },
        starts_on=date(2026, 10, 1),
        month="2026-10",
        billed_at=at(2026, 10, 5),
        number="CD-2026-000001",
        registration_number="T9000000111111",
        lines={
            "line": 25_000,
            "seat": 30_000,
            "admin": 5_000,
            "user": 1_000,
            "recording-16h": 12_000,
            "number-issue": 1_500,
            "number-first": 380,
            "number-additional": 200,
            "setup-standard": 300_000,
        },
        net=375_080,
        tax=37_508,
        gross=412_588,
        due_on=date(2026, 10, 31),
        cancel_by=date(2026, 10, 31),
    ),
    # Debited on the 27th of the next month, a Sunday: on the business day after it. The whole month is
    # charged, though service starts in its middle.
    FirstMonth(
        service="partner-cloud-e",
        applied_at=at(2026, 10, 5),
        wanted_start_on=date(2026, 11, 16),
        quantities={"base": "2", "storage": "5", "support": "1", "setup": "1"},
        payment_method="debit",
        starts_on=date(2026, 11, 16),
        month="2026-11",
        billed_at=at(2026, 12, 3),
        number="ND-2026-000001",
        registration_number="T9000000222222",
        lines={"base": 100_000, "storage": 20_000, "support": 20_000, "setup": 80_000},
        net=220_000,
        tax=22_000,
        gross=242_000,
        due_on=date(2026, 12, 28),
        cancel_by=date(2026, 12, 28),
    ),
    # Due at the end of the next month, a Sunday, and so on the Monday after it.
    FirstMonth(
        service="desknets",
        applied_at=at(2026, 11, 10),
        wanted_start_on=date(2026, 12, 1),
        quantities={"user": "30", "storage-10gb": "2", "setup": "1"},
        starts_on=date(2026, 12, 1),
        month="2026-12",
        billed_at=at(2027, 1, 6),
        number="NJ-2026-000001",
        registration_number="T5806152739405",
        lines={"user": 13_500, "storage-10gb": 3_000, "setup": 10_000},
        net=26_500,
        tax=2_650,
        gross=29_150,
        due_on=date(2027, 2, 1),
        cancel_by=date(2027, 1, 25),
    ),
    # Charged from the month after registration. Due at the end of the month after that, a Saturday, and so
    # on the Friday before it.
    FirstMonth(
        service="simpleconnect",
        applied_at=at(2026, 8, 5),
        wanted_start_on=date(2026, 8, 7),
        quantities={"id": "4", "recording": "4", "setup": "1", "sip-phone": "4"},
        starts_on=date(2026, 8, 6),
        month="2026-09",
        billed_at=at(2026, 10, 6),
        number="CL-2026-000001",
        registration_number="T4807264193358",
        lines={"id": 32_000, "recording": 4_000, "setup": 20_000, "sip-phone": 48_000},
        net=104_000,
        tax=10_400,
        gross=114_400,
        due_on=date(2026, 10, 30),
        cancel_by=date(2026, 10, 30),
    ),
]
