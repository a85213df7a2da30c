"""How fast running contracts of an old system are checked and brought in, beside contracts made one by one.

Beside it stands the way that there was before: each contract applied for and accepted, by the operations of
the pages. That asks less of the machine: it reckons neither next dates nor a first invoice.
"""

import time
from typing import Any

from measure import QUICK, remark, report
from scene import portal

CONTRACTS = 100 if QUICK else 1000
PLAIN = 20 if QUICK else 100
ALL = 10_000
"""So many in five minutes are wanted, for each of both."""


def main() -> None:
    with portal():
        service, staff, customers = _people()
        takeover = _staged(service, staff, customers)
        checked = _timed(takeover)
        _confirm(takeover, staff)
        brought = _timed(takeover)
        plain = _plain(service, staff, customers)
    report("takeover_checked", plain / checked, "applied for and accepted one by one")
    report("takeover_brought_in", plain / brought, "applied for and accepted one by one")
    remark(
        f"of {ALL:,} contracts: checked in {checked * ALL:.0f} s, brought in in {brought * ALL:.0f} s"
        f" (by {CONTRACTS:,}); one by one {plain * ALL:.0f} s"
    )


def _people() -> tuple[Any, Any, Any]:
    from portal.organisations.models import Organisation, User
    from portal.staffing.models import Belonging
    from tests.billing_scene import load_priced_service

    service = load_priced_service("ct-e1")
    staff = User.objects.create_user("staff@example.jp", None, display_name="計測 太郎", is_staff=True)
    Belonging.objects.get_or_create(staff=staff, provider=service.provider)
    customers = Organisation.objects.bulk_create(
        Organisation(
            name=f"株式会社計測{place}",
            postal_code="105-0011",
            address="東京都港区芝公園4-2-8",
            phone="03-0000-0000",
            invoice_email=f"keiri{place}@customer.example",
        )
        for place in range(CONTRACTS)
    )
    return service, staff, customers


def _staged(service: Any, staff: Any, customers: Any) -> Any:
    from django.utils import timezone

    from contracts.takeover.staging import stage
    from tests.takeover_scene import book

    old = [
        {
            "旧契約番号": f"K-{place}",
            "サービス": "ct-e1",
            "顧客名": customer.name,
            "成立日": "2024-03-25",
            "利用開始日": "2024-04-01",
            "支払方法": "振込",
            "請求済み期間の末日": "2026-10-31",
        }
        for place, customer in enumerate(customers)
    ]
    held = [
        {"旧契約番号": one["旧契約番号"], "品目": product, "数量": 1 + place % 7}
        for place, one in enumerate(old)
        for product in ("line", "seat", "admin")
    ]
    file = book({"契約": old, "品目": held})
    return stage(service.provider, [("old.xlsx", file)], staff, timezone.now())


def _timed(takeover: Any) -> float:
    """Processor seconds a contract."""
    from contracts.takeover.work import carry_on

    start = time.process_time()
    carry_on(takeover.pk, "benchmark")
    return (time.process_time() - start) / CONTRACTS


def _confirm(takeover: Any, staff: Any) -> None:
    from django.utils import timezone

    from contracts.models import Takeover
    from contracts.takeover.confirming import confirm
    from tests.approving import approved

    confirm(Takeover.objects.get(pk=takeover.pk), staff, timezone.now(), approval=approved("takeover"))


def _plain(service: Any, staff: Any, customers: Any) -> float:
    import uuid
    from datetime import UTC, datetime

    from contracts.applications.decide import accept_application, submit_application
    from portal.organisations.models import Membership, User
    from tests.scenes import application_data, check

    version = service.versions.latest("effective_on")
    person = User.objects.create_user("owner@customer.example", None, display_name="計測 花子")
    owners = Membership.objects.bulk_create(
        Membership(user=person, organisation=customer, role=Membership.Role.OWNER)
        for customer in customers[:PLAIN]
    )
    moment = datetime.now(UTC)
    start = time.process_time()
    for owner in owners:
        data = application_data(version, {"line": 2, "seat": 1, "admin": 1})
        application = submit_application(
            service, owner.organisation, person, data, uuid.uuid4(), moment, "192.0.2.1"
        )
        check(application, staff, moment)
        accept_application(application, staff, moment)
    return (time.process_time() - start) / PLAIN


if __name__ == "__main__":
    main()
