"""What was typed into an application form, kept in the session until it is sent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest

from contracts.models import Service


@dataclass(frozen=True)
class Draft:
    """The fields as typed. `key` goes with this very content: the page that confirms it sends it back."""

    fields: dict[str, str]
    key: str

    @property
    def submission_key(self) -> UUID:
        return UUID(self.key)


def draft_of(request: HttpRequest, service: Service) -> Draft | None:
    stored = request.session.get(_name(service))
    return Draft(**stored) if stored else None


def keep_draft(request: HttpRequest, service: Service, fields: Mapping[str, str]) -> Draft:
    draft = Draft(
        {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}, str(uuid4())
    )
    request.session[_name(service)] = asdict(draft)
    return draft


def drop_draft(request: HttpRequest, service: Service) -> None:
    request.session.pop(_name(service), None)


def _name(service: Service) -> str:
    return f"application:{service.pk}"
