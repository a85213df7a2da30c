"""Which organisations the rows of a table name: by the portal's number, the corporate number, or the name."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.organisations.fields import CorporateNumberField, validate_printable
from portal.organisations.models import Organisation
from portal.staffing.reach import within
from portal.tables_in.columns import Column, WholeCell, WordsCell
from portal.tables_in.kinds import Desk, Row

LARGEST_KEY = 2**31
_AT_ONCE = 500

NUMBER = Column(
    key="organisation",
    heading=gettext_lazy("Organisation's number in the portal"),
    field=WholeCell(least=1, most=LARGEST_KEY, required=False),
    help=gettext_lazy("As the portal writes it into tables. Empty for an organisation that is new."),
)
CORPORATE_NUMBER = Column(
    key="corporate_number",
    heading=gettext_lazy("Corporate number"),
    field=CorporateNumberField(),
    example="7000012050002",
    help=gettext_lazy("13 digits, if the organisation has one."),
)


def name_column(*, is_stored: bool) -> Column:
    """The name of an organisation: needed and printable where it is stored, else one way to find it."""
    validators = [validate_printable] if is_stored else []
    return Column(
        key="name",
        heading=gettext_lazy("Organisation's name"),
        field=WordsCell(max_length=200, required=is_stored, validators=validators),
        example="株式会社サンプル商事",
        also=("名称", "会社名", "組織名", "顧客名", "取引先名"),
    )


def naming_columns() -> tuple[Column, ...]:
    """The columns by which rows of other tables name an organisation."""
    return (NUMBER, CORPORATE_NUMBER, name_column(is_stored=False))


def named(organisation: Organisation) -> dict[str, Any]:
    """What stands in these columns for an organisation."""
    return {
        "organisation": organisation.pk,
        "corporate_number": organisation.corporate_number,
        "name": organisation.name,
    }


class Found:
    """The organisations that somebody reaches, of those that rows name."""

    def __init__(self, rows: Sequence[Row], desk: Desk) -> None:
        every = within(desk.staff, Organisation.objects.filter(united_into__isnull=True))

        def by(key: str, field: str) -> dict[Any, list[Organisation]]:
            wanted = {value for row in rows if (value := row.values.get(key))}
            found: dict[Any, list[Organisation]] = {}
            for some in in_batches(wanted):
                for one in every.filter(**{f"{field}__in": some}).order_by("pk"):
                    found.setdefault(getattr(one, field), []).append(one)
            return found

        self._by_key = by("organisation", "pk")
        self._by_number = by("corporate_number", "corporate_number")
        self._by_name = by("name", "name")

    def of(self, row: Row) -> Organisation | None:
        """The organisation of a row, None where there is none; refuses a row that may mean several."""
        key, number, name = (row.values.get(one) for one in ("organisation", "corporate_number", "name"))
        if key:
            found = self._by_key.get(key, [])
            if not found:
                row.refuse(_("There is no organisation of this number."), "organisation")
            return found[0] if found else None
        if number and (found := self._by_number.get(number, [])):
            return self._one(row, found, "corporate_number")
        same = self._by_name.get(name, []) if name else []
        if number:
            same = [one for one in same if not one.corporate_number]
        return self._one(row, same, "name") if same else None

    def _one(self, row: Row, found: list[Organisation], column: str) -> Organisation | None:
        if len(found) == 1:
            return found[0]
        numbers = _(", ").join(str(one.pk) for one in found)
        text = _("Several organisations are meant by this. Write the number of one of them: %(numbers)s.")
        row.refuse(text % {"numbers": numbers}, column)
        return None


def find_each(rows: Sequence[Row], desk: Desk, meant: Callable[[Row, Organisation], None]) -> None:
    """Call `meant` for each row with the organisation that it names; refuse the rows that name none."""
    found = Found(rows, desk)
    for row in rows:
        before = len(row.problems)
        organisation = found.of(row)
        if organisation:
            meant(row, organisation)
        elif len(row.problems) == before:
            row.refuse(_("There is no such organisation. Bring the organisations in first."), "name")


def keep_naming(row: Row) -> None:
    """How a row names its organisation is no change of what is stored of that."""
    for column in naming_columns():
        row.values.pop(column.key, None)


def in_batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """So many values at once as one query may ask for."""
    every = list(values)
    for place in range(0, len(every), _AT_ONCE):
        yield every[place : place + _AT_ONCE]
