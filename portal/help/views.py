"""The pages of the help, for everybody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.help import texts


def index(request: HttpRequest) -> HttpResponse:
    """All pages, or those in which what is searched for stands."""
    words = request.GET.get("q", "").strip()
    found, terms = texts.search(words)
    shown = {"words": words, "pages": found, "terms": terms if words else ()}
    return render(request, "help/index.html", shown)


def page(request: HttpRequest, key: str) -> HttpResponse:
    shown = texts.page(key)
    if shown is None:
        raise Http404
    return render(request, "help/page.html", {"page": shown, "pages": texts.pages()})


def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "help/glossary.html", {"terms": texts.terms()})
