"""Help, and what the operator states: for everybody, in versions, agreed to when somebody signs up."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import resolve, reverse
from django.utils.timezone import now as moment
from django.utils.translation import override

from portal.audit.models import AuditEntry
from portal.formats.prose import to_html
from portal.help import texts
from portal.imprint.models import AgreedText, PublishedText
from portal.imprint.operations import publish_text
from portal.organisations.models import User
from portal.organisations.roles import StaffRole
from tests import scenes

Kind = PublishedText.Kind
SIGN_UP = {
    "display_name": "佐藤 次郎",
    "email": "jiro@new.example",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def test_texts_are_public_and_each_footer_leads_to_them(client):
    home = client.get("/").content.decode()
    for kind in Kind.values:
        address = reverse("imprint:text", args=[kind])
        assert f'href="{address}"' in home
        for language in ("ja", "en"):
            page = client.get(address, headers={"accept-language": language})
            assert page.status_code == 200
            assert "<h2" in page.content.decode()
    assert client.get(reverse("imprint:text", args=["nothing"])).status_code == 404
    assert client.get(reverse("imprint:version", args=["privacy", 2])).status_code == 404


def test_a_new_version_holds_from_its_day_and_is_the_one_agreed_to(staff, signed_in, now):
    privacy = reverse("imprint:text", args=["privacy"])
    manager = staff(StaffRole.MANAGER)
    client = signed_in(manager)
    add = reverse("admin:imprint_publishedtext_add")
    filled = client.get(f"{add}?kind=privacy").content.decode()
    assert "利用の目的" in filled
    sent = {
        "kind": "privacy",
        "starts_on": "2026-12-01",
        "text_ja": "## 新しい方針\n<b>x</b>",
        "text_en": "New",
    }
    past = client.post(add, {**sent, "starts_on": "2026-11-19"})
    assert past.context["form"].errors["starts_on"] == ["今日以降の日を入力してください。"]
    assert client.post(add, sent).status_code == 302
    published = PublishedText.objects.get(kind="privacy", version=2)
    assert AuditEntry.objects.get(action="imprint.published").data["version"] == 2
    assert "新しい方針" not in Client().get(privacy).content.decode()

    visitor = Client()
    form = visitor.get(reverse("account_signup"))
    shown = form.context["form"]["shown_texts"].value()
    assert shown == "terms:1,privacy:1"
    assert reverse("imprint:version", args=["privacy", 1]) in form.content.decode()
    now.move_to(scenes.at("2026-12-01 10:00"))
    page = Client().get(privacy).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    late = visitor.post(reverse("account_signup"), {**SIGN_UP, "shown_texts": shown})
    assert "改定されました" in late.content.decode()
    assert not User.objects.filter(email=SIGN_UP["email"]).exists()
    again = re.search(r'name="shown_texts" value="([^"]+)"', late.content.decode())[1]
    assert again == "terms:1,privacy:2"
    assert visitor.post(reverse("account_signup"), {**SIGN_UP, "shown_texts": again}).status_code == 302
    agreed = AgreedText.objects.filter(person__email=SIGN_UP["email"])
    assert {(one.text.kind, one.text.version) for one in agreed} == {("terms", 1), ("privacy", 2)}

    for wrong, code in (({"text_ja": " "}, "empty"), ({"text_en": published.text_en}, "same")):
        text = {"text_ja": published.text_ja, "text_en": "Other", **wrong}
        with pytest.raises(ValidationError) as refused:
            publish_text("privacy", scenes.day("2026-12-02"), **text, staff=manager, at=moment())
        assert _code(refused.value) == code
    assert signed_in(staff(StaffRole.AUDITOR)).get(add).status_code == 403


def _code(problem: ValidationError) -> str:
    errors = [error for errors in getattr(problem, "error_dict", {}).values() for error in errors]
    return (errors or problem.error_list)[0].code


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"),
        ("## A {#a-b}\nb", '<h2 id="a-b">A</h2>\n<p>b</p>'),
        ("- a\n  b\n- **c**", "<ul><li>a<br>b</li><li><strong>c</strong></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("[a](/help/?q=1&r=2)", '<p><a href="/help/?q=1&amp;r=2">a</a></p>'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ('[a](https://x.example/"onclick=)', '<p><a href="https://x.example/&quot;onclick=">a</a></p>'),
        ("<script>", "<p>&lt;script&gt;</p>"),
    ],
)
def test_prose_holds_what_it_knows_and_nothing_else(text, html):
    assert to_html(text) == html


def test_help_is_the_same_in_both_languages_and_is_searched(client):
    keys = {}
    for language in ("ja", "en"):
        with override(language):
            keys[language] = [one.key for one in texts.terms()]
            for page in texts.pages():
                answer = client.get(
                    reverse("help:page", args=[page.key]), headers={"accept-language": language}
                )
                assert page.title in answer.content.decode()
                for link in re.findall(r"\]\((/[^)#]*)", page.text):
                    resolve(link.partition("?")[0])
    assert keys["ja"] == keys["en"]
    assert len(keys["ja"]) > 10
    assert "課金開始日" in client.get(reverse("help:glossary")).content.decode()
    found = client.get(reverse("help:index"), {"q": "ＺＩＰ　請求書"})
    assert [one.key for one in found.context["pages"]] == ["invoices"]
    by_word = client.get(reverse("help:index"), {"q": "課金開始日"})
    assert "charged-from" in [one.key for one in by_word.context["terms"]]
    nothing = client.get(reverse("help:index"), {"q": "<x>"})
    assert "該当するものがありません" in nothing.content.decode()
    assert client.get(reverse("help:page", args=["nothing"])).status_code == 404
