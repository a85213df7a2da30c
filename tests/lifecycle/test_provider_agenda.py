"""The calendar of a provider: page by page it holds what the contracts, read one by one, have in a month."""

from contracts.lifecycle.agenda import OF_CUSTOMERS, ProviderAgenda, of_contract
from contracts.models import Contract, ContractItem, Suspension, Task
from contracts.requests.decide import accept_request
from contracts.rules.calendar.period import Month
from tests import scenes
from tests.scenes import at, day, staff_member

MONTHS = [Month(2026, 10), Month(2026, 11), Month(2026, 12), Month(2027, 1), Month(2027, 2), Month(2027, 3)]
PAGE = 2

Told = tuple[str, str, str]


def one_by_one(month: Month) -> list[Told]:
    """Day, number and kind of what happens: the dates that customers see but their deadlines, and tasks."""
    told = []
    for contract in Contract.objects.all():
        dated = [(entry.on, entry.kind) for entry in of_contract(contract, month.first)]
        todo = contract.tasks.undone().exclude(kind__in=("data_erasure", "device_return"))
        every = [*dated, *todo.values_list("due_on", "kind")]
        told += [(on, contract.number, kind) for on, kind in every if month.first <= on <= month.last]
    return [(str(on), number, kind) for on, number, kind in told if kind not in OF_CUSTOMERS]


def test_pages_hold_what_happens_in_all_contracts(ct_e1, django_assert_max_num_queries):
    first, second = (
        scenes.running(ct_e1, {"line": 1, "seat": 3}, one) for one in (scenes.suzuki(), scenes.yamada())
    )
    ending = scenes.cancel(first, day("2026-12-31"), at("2026-11-19"))
    accept_request(ending, staff_member(), at("2026-11-20"))
    later = {"contract": second, "billed_from_on": day("2026-12-01")}
    # Five recordings give way to six on 1 December; admin ends for good; a fee is charged on one day alone.
    for product, quantity, starts_on, ends_on in (
        ("recording-16h", 5, "2026-11-15", "2026-11-30"),
        ("recording-16h", 6, "2026-12-01", None),
        ("admin", 1, "2026-11-20", "2026-12-15"),
        ("number-additional", 1, "2026-12-15", "2026-12-15"),
    ):
        ends = ends_on and day(ends_on)
        ContractItem.objects.create(
            **later, product=product, quantity=quantity, starts_on=day(starts_on), ends_on=ends
        )
    stop = {"contract": second, "kind": Suspension.Kind.SUSPENSION, "reason": "breach"}
    Suspension.objects.create(**stop, starts_on=day("2026-12-15"), ends_on=day("2027-01-31"))
    for kind in (Task.Kind.DEVICE_RETURN, Task.Kind.POST_ACCEPTANCE):
        for done in ({}, {"done_at": at("2026-12-01"), "done_by": staff_member()}):
            Task.objects.create(
                contract=second,
                kind=kind,
                due_on=day("2026-12-15"),
                **done,
                terms_version=second.contracted_version,
                created_at=at("2026-11-01"),
            )
    counted = 0
    for month in MONTHS:
        with django_assert_max_num_queries(9):
            agenda = ProviderAgenda(ct_e1.provider, month)
            count = len(agenda)
        pages = [agenda[start : start + PAGE] for start in range(0, count, PAGE)]
        told = [(str(entry.on), entry.contract.number, entry.kind) for page in pages for entry in page]
        assert sorted(told) == sorted(one_by_one(month)), month
        assert [place[:2] for place in told] == sorted(place[:2] for place in told)
        assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)
        counted += count
    assert counted == 15
    assert {kind for month in MONTHS for _on, _number, kind in one_by_one(month)} >= {
        *("service_start", "contract_end", "data_erasure", "change"),
        *("suspension", "suspension_end", "device_return", "post_acceptance"),
    }  # fmt: skip
