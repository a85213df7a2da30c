"""The rules of sales agents, version by version. Public, as the terms that they complete."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from contracts.models import AgentRules


def rules(request: HttpRequest, slug: str, agent: str, version: str) -> HttpResponse:
    found = get_object_or_404(
        AgentRules.objects.select_related("agent__service__provider"),
        agent__service__slug=slug,
        agent__key=agent,
        version=version,
    )
    others = list(found.agent.rules.exclude(pk=found.pk))
    later = next((one for one in others if one.effective_on > found.effective_on), None)
    return render(
        request,
        "contracts/agent_rules.html",
        {
            "service": found.agent.service,
            "rules": found,
            "terms": found.terms,
            "until": later.effective_on - timedelta(days=1) if later else None,
            "others": others,
        },
    )
