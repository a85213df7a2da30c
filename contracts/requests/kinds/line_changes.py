"""Changes of lines (回線): their kind or where they end changes, which is reported beforehand."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import ContractRequest
from contracts.requests.data import Text
from contracts.requests.described import DescribedChange, DescribedData
from contracts.requests.fields import long_text_field, text_field
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine


class LineChangeData(DescribedData):
    """Which line it is, how it is now, and how it is to be."""

    line: Text


class LineChangeForm(RequestForm):
    """Which line changes, and how."""

    line = text_field(
        gettext_lazy("Phone or network line"),
        help_text=gettext_lazy("Its number, or what it is called by your carrier."),
    )
    now = long_text_field(
        gettext_lazy("The line now"), help_text=gettext_lazy("Its kind, carrier, and where it ends.")
    )
    then = long_text_field(gettext_lazy("The line after the change"))
    field_order = ("line", "now", "then", "wanted_on")

    def request_data(self) -> LineChangeData:
        return LineChangeData(**self.typed("wanted_on", "line", "now", "then"))


class LineChange(DescribedChange[LineChangeData]):
    """A report: the request itself is the record of it, and nothing of the contract changes."""

    key = "line_change"
    label = gettext_lazy("Change of a line")
    sentence = gettext_lazy("A line changes, as reported at %(at)s.")
    place = 34
    data = LineChangeData
    form = LineChangeForm
    day_label = gettext_lazy("Date of the change")

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        data = self.data_of(request)
        yield ChangedLine(_("Line %(line)s") % {"line": data.line}, data.now, data.then)
