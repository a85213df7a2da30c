"""Staff bring a table in: the kinds, the file, what becomes of each row, and that it is taken in."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contracts.models import Provider
from portal.organisations.models import Organisation
from portal.organisations.roles import StaffRole
from tests.browser.accessibility import barriers
from tests.browser.windows import DESKTOP, PHONE
from tests.tables_scene import as_csv, taken

HEADINGS = ["法人・団体名", "法人番号", "郵便番号", "住所", "電話番号", "請求書送付先メールアドレス"]
MINATO = [
    "株式会社みなと商事",
    "",
    "105-0011",
    "東京都港区芝公園４－２－８",
    "03-0000-0000",
    "keiri@minato.example",
]
MOVED = [*MINATO[:2], "100-0001", "東京都千代田区千代田１－１", *MINATO[4:]]
NEW = ["川辺髙橋合同会社", "7000012050002", "1000001", "東京都千代田区", "03-1111-1111", "a@kawabe.example"]
WRONG = ["山下電機株式会社", "7000012050003", "12", "東京都", "内線", "no-address"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_table_is_looked_at_and_taken_in(window_of, make_staff, catalog, tmp_path: Path, size):
    clerk = make_staff("uketsuke@provider.example", StaffRole.MANAGER)
    taken("organisations", [HEADINGS, MINATO], clerk, Provider.objects.first())
    file = tmp_path / "取引先一覧.csv"
    file.write_bytes(as_csv([HEADINGS, MOVED, NEW, WRONG], "cp932"))
    page = window_of(clerk, size)
    shots = os.environ.get("SHOTS")

    def look(name: str) -> None:
        assert not barriers(page)
        if shots:
            page.screenshot(path=f"{shots}/tables-{name}-{size['width']}.png", full_page=True)

    page.goto("/admin/tables/")
    look("kinds")
    page.get_by_role("link", name="組織", exact=True).last.click()
    look("kind")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="行ごとの結果を見る").click()
    expect(page.get_by_text("新規1行、変更1行を取り込みます。")).to_be_visible()
    look("rows")
    page.get_by_role("button", name="取り込む").click()
    expect(page.get_by_text("この表は取り込み済みです。")).to_be_visible()
    look("taken")
    assert sorted(one.name for one in Organisation.objects.all()) == sorted([MINATO[0], NEW[0]])
