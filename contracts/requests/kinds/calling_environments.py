"""Changes of the calling environment (音声通信環境), which the provider permits beforehand."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contracts.models import ContractRequest
from contracts.requests.described import DescribedChange, DescribedData
from contracts.requests.fields import long_text_field
from contracts.requests.form import RequestForm
from contracts.requests.kind import ChangedLine


class CallingEnvironmentData(DescribedData):
    """How calls are made now, and how they are to be made."""


class CallingEnvironmentForm(RequestForm):
    """What the environment is, and what it is to be."""

    now = long_text_field(
        gettext_lazy("The environment now"),
        help_text=gettext_lazy("Network, telephones, computers and software that you call with."),
    )
    then = long_text_field(gettext_lazy("The environment after the change"))
    field_order = ("now", "then", "wanted_on")

    def request_data(self) -> CallingEnvironmentData:
        return CallingEnvironmentData(**self.typed("wanted_on", "now", "then"))


class CallingEnvironmentChange(DescribedChange[CallingEnvironmentData]):
    """Asks for the provider's permission, which its acceptance gives: nothing of the contract changes."""

    key = "calling_environment"
    label = gettext_lazy("Change of the calling environment")
    sentence = gettext_lazy("The calling environment is to change, as asked for at %(at)s.")
    place = 36
    data = CallingEnvironmentData
    form = CallingEnvironmentForm
    day_label = gettext_lazy("Date of the change")

    def lines(self, request: ContractRequest, before_on: date) -> Iterator[ChangedLine]:
        data = self.data_of(request)
        yield ChangedLine(_("Calling environment"), data.now, data.then)
