"""Sentences on what the provider offers: services, terms, closures, particulars."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contracts.history.values import CONTRACT, DAY, PRODUCT, PROVIDER, SERVICE
from contracts.models import ProviderParticulars
from portal.audit.telling import PLAIN, Choice, Fact, Known, Many, Sentence, says

_SERVICE = Fact(_("Service"), "service", SERVICE)


def _stated(values: Mapping[str, Any]) -> Iterator[Fact]:
    """What changed of a provider's particulars, each with what it was before."""
    for field in ProviderParticulars._meta.get_fields():
        if isinstance(values.get(field.name), dict):
            yield Fact(capfirst(str(getattr(field, "verbose_name", field.name))), field.name, PLAIN)


_ENDING = (
    Fact(_("Last day"), "ends_on", DAY),
    Fact(_("Notice"), "notice", Known("contracts.notice")),
    Fact(_("Contracts that end by it"), "contracts", Many(CONTRACT)),
    Fact(_("Not told in time"), "not_told", Many(CONTRACT)),
    Fact(_("Ended all the same because"), "override_reason"),
)

SERVICES: dict[str, Sentence] = {
    "service.saved": says(
        _("The service %(slug)s was saved as the catalog states it."),
        slug=SERVICE,
    ),
    "agent.saved": says(_("The sales agent %(key)s was saved as the catalog states it."), _SERVICE),
    "agent.organisation_named": says(
        _("The organisation of the sales agent %(agent)s was chosen."),
        _SERVICE,
        Fact(_("Organisation"), "organisation", Known("organisations.organisation", "name")),
    ),
    "agent.rules_published": says(
        _("Version %(version)s of the rules of the sales agent %(agent)s was published."),
        _SERVICE,
        Fact(_("Effective date"), "effective_on", DAY),
    ),
    "service.ended": says(_("The end of the service was decided."), *_ENDING),
    "option.ended": says(_("The end of an option was decided: %(product)s."), *_ENDING, product=PRODUCT),
    "closure.added": says(
        _("A closed day of %(provider)s was added: %(day)s."),
        Fact(_("Note"), "note"),
        provider=PROVIDER,
        day=DAY,
    ),
    "closure.changed": says(
        _("A closed day of %(provider)s was changed."),
        Fact(_("Day"), "day", DAY),
        Fact(_("Note"), "note"),
        provider=PROVIDER,
    ),
    "provider.changed": Sentence(
        _("What is stated of the provider changes on %(starts_on)s."), (), {"starts_on": DAY}, _stated
    ),
    "provider.change_withdrawn": says(
        _("The change of what is stated of the provider on %(starts_on)s was withdrawn."), starts_on=DAY
    ),
}
TERMS: dict[str, Sentence] = {
    "terms.draft_created": says(
        _("Version %(name)s of the terms was taken in as a draft."),
        _SERVICE,
        Fact(_("File"), "source"),
        Fact(_("Made from the comparison table with version"), "based_on"),
        Fact(_("Articles"), "articles"),
    ),
    "terms.draft_changed": says(
        _("The draft of version %(name)s of the terms was changed: %(what)s."),
        _SERVICE,
        what=Choice({"text": _("Text"), "policy": _("Policy")}),
    ),
    "terms.draft_deleted": says(_("The draft of version %(name)s of the terms was deleted."), _SERVICE),
    "terms.lives_asked": says(
        _("The lives of contracts were to be played by the draft of version %(name)s of the terms."),
        _SERVICE,
        Fact(_("Lives"), "lives"),
    ),
    "terms.outcome_accepted": says(
        _("For version %(name)s of the terms it was accepted that the life %(life)s comes out otherwise."),
        _SERVICE,
        Fact(_("Reason"), "reason"),
    ),
    "terms.published": says(_("Version %(name)s of the terms was published."), _SERVICE),
    "terms.reading_brought": says(
        _("The catalog reads version %(name)s of the terms otherwise; that waits to be proposed."),
        _SERVICE,
        Fact(_("Articles"), "articles", Many(PLAIN)),
    ),
    "terms.reading_dismissed": says(
        _("What the catalog reads otherwise in version %(name)s of the terms was dismissed."),
        _SERVICE,
        Fact(_("Articles"), "articles", Many(PLAIN)),
        Fact(_("Reason"), "reason"),
    ),
    "terms.reading_corrected": says(
        _("The reading of version %(name)s of the terms was corrected (no. %(number)s)."),
        _SERVICE,
        Fact(_("Articles"), "articles", Many(PLAIN)),
        Fact(_("Reason"), "reason"),
        Fact(
            _("Applies"),
            "applies",
            Choice(
                {
                    "from_first_day": _("from the version's first day"),
                    "from_then_on": _("to decisions from then on"),
                }
            ),
        ),
    ),
}
