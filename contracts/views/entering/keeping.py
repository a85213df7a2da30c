"""Why the paper itself is kept, and for how long."""

from django.utils.translation import gettext as _

from portal.retention.kinds import kind_of


def keeping_text() -> str:
    """What the page of an entry says of the paper beside its scan."""
    kept = kind_of("contract_records")
    text = _(
        "Keep the paper itself: where somebody doubts the scan, it is the paper that proves who asked for"
        " what (民事訴訟法228条). How long: %(law)s, from %(runs_from)s."
    )
    return text % {"law": kept.law, "runs_from": kept.runs_from}
