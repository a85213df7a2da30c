"""Decisions as the admin shows them: each step with its articles."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string

from contracts.explain import explain
from contracts.models import TermsVersion


def explained(decision: Mapping[str, Any], version: TermsVersion) -> str:
    """The steps of a stored decision as HTML; a dash where there are none."""
    return render_to_string("admin/contracts/_decision.html", {"decision": explain(decision, version)})
