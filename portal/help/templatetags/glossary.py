"""Words of the trade, explained where they stand."""

from django import template

from portal.help import texts

register = template.Library()


@register.inclusion_tag("help/_term.html")
def explained(key: str) -> dict[str, texts.Term]:
    """A question mark that opens what a word of the glossary means. KeyError for an unknown word."""
    return {"term": texts.term(key)}
