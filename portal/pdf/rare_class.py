"""The mark by which a page says what the typeface of rare names is to show."""

RARE_CLASS = "rare-name"


def needs_rare_names(html: str) -> bool:
    """Whether a printable page has something that the typeface of rare names shows."""
    return f'class="{RARE_CLASS}"' in html
