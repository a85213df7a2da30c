"""Citations as links into the public text of the terms, and the anchors that they lead to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from contracts.models import TermsVersion
from contracts.terms.references import Place, Reference, find_references, missing_target
from contracts.terms.tree import Annex, Article, Item, Paragraph, Terms
from contracts.wording.links import anchor, article_label, article_url

register = template.Library()


@register.simple_tag
def article_link(version: TermsVersion, key: str) -> SafeString:
    """One citation, such as `19-1`, as a link that names it in the reader's language."""
    return format_html(
        '<a class="citation" href="{}">{}</a>', article_url(version, key), article_label(version, key)
    )


@register.simple_tag
def article_links(version: TermsVersion, keys: Iterable[str]) -> SafeString:
    """Several citations after one another, in small print."""
    links = format_html_join(" ", "{}", ((article_link(version, key),) for key in keys))
    return format_html('<span class="citations">{}</span>', links)


@register.simple_tag
def anchor_of(*parts: object) -> str:
    """The anchor of a part of the terms, from its article or annex down: `article-2-1-9`."""
    return anchor("-".join(str(part) for part in parts))


@register.filter
def with_numbers(paragraphs: Sequence[Paragraph]) -> list[tuple[Paragraph, int | None]]:
    """Paragraphs with the number by which they are cited: the one they carry, else their place.

    None where another paragraph carries the number of that place.
    """
    carried = {paragraph.number for paragraph in paragraphs}
    return [
        (paragraph, paragraph.number or (None if place in carried else place))
        for place, paragraph in enumerate(paragraphs, 1)
    ]


@register.simple_tag
def place_of(terms: Terms, body: Article | Annex, paragraph: int | None) -> Place:
    """Where the text of a paragraph stands, for `linked`."""
    return Place(terms, body, paragraph)


@register.simple_tag
def item_place(place: Place, item: Item) -> Place:
    """Where the text of an item of that paragraph stands, and of all that is below it."""
    return replace(place, item=item.number)


@register.filter
def linked(text: str, place: Place) -> SafeString:
    """A piece of the terms in which references to other parts of the same text are links to their anchors."""
    return SafeString("".join(_pieces(text, place)).replace("\n", "<br>"))


def _pieces(text: str, place: Place) -> Iterator[str]:
    position = 0
    for reference in find_references(text, place):
        target = _anchored(place, reference)
        if target:
            yield escape(text[position : reference.start])
            yield format_html('<a href="#{}">{}</a>', anchor(target), reference.text)
            position = reference.end
    yield escape(text[position:])


def _anchored(place: Place, reference: Reference) -> str:
    """The key of what a reference leads to; empty where it leads nowhere."""
    if reference.target is None or missing_target(place.terms, reference):
        return ""
    return str(reference.target)
