"""Days and hours as tables write them, and what they decide."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.catalogue.dates import date_of, is_day_first
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", (2026, 3, 1, 0)), ("2026/3/1", (2026, 3, 1, 0)),
        ("20260301", (2026, 3, 1, 0)), ("2026-03-01T13:00-0800", (2026, 3, 1, 13)),
        ("2026-03-01 13:00:00", (2026, 3, 1, 13)), ("31.12.2026", (2026, 12, 31, 0)),
        ("1.2.2026", (2026, 2, 1, 0)), ("12/31/2026", (2026, 12, 31, 0)),
        ("31/12/2026", (2026, 12, 31, 0)), ("1/2/26", (2026, 1, 2, 0)),
        ("1-2-2026", (2026, 2, 1, 0)), ("12/31/26 08:30", (2026, 12, 31, 8)),
        ("Dec 31 2026", (2026, 12, 31, 0)), ("December 31st, 2026", (2026, 12, 31, 0)),
        ("31 Dec 2026", (2026, 12, 31, 0)), ("31-Dec-2026", (2026, 12, 31, 0)),
    ],
)  # fmt: skip
def test_dates_are_read(text: str, expected: tuple[int, int, int, int]) -> None:
    found = date_of(text)
    assert found is not None
    assert (found.year, found.month, found.day, found.hour) == expected


@pytest.mark.parametrize("text", ["soon", "2026-13-41", "31/31/2026", "", "12", "0000-00-00"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert date_of(text) is None


def test_a_day_ends_at_midnight_and_may_stand_first() -> None:
    assert date_of("2026-03-01", at_end=True).hour == 23  # type: ignore[union-attr]
    assert date_of("1/2/2026", day_first=True).month == 2  # type: ignore[union-attr]
    assert date_of("1/31/2026", day_first=True).month == 1  # type: ignore[union-attr]
    assert [is_day_first(text) for text in ("31/1/2026", "1/31/2026", "1/2/26", "31.1.2026")] == [
        True, False, False, False,
    ]  # fmt: skip


@given(st.text(alphabet="0123456789-/.: TJanuydecmbr,", max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = date_of(text)
    assert found is None or 0 < found.year < 10_000


def prices(folder: Path, *rows: str) -> tuple[list[float], ImportReport]:
    path = folder / "table.csv"
    header = "id,title,price,sale_price,sale_price_start_date,sale_price_end_date"
    path.write_text("\n".join([header, *rows]) + "\n")
    report = ImportReport()
    products = read_table(path, report)
    return [product.pricing_dollars[0] for product in products], report


def test_sales_that_have_ended_do_not_count_however_dates_are_written(tmp_path: Path) -> None:
    found, report = prices(
        tmp_path,
        "1,Cup,20,15,01/01/2020,12/31/2020",
        "2,Cup,20,15,31.12.2019,31.12.2020",
        "3,Cup,20,15,20200101,20201231",
        "4,Cup,20,15,,Dec 31 2020",
        "5,Cup,20,15,12/30/2098,",
        "6,Cup,20,15,0000-00-00,31 December 2099",
    )
    assert found == [20, 20, 20, 20, 20, 15]
    assert not report.problems


def test_the_dates_of_a_table_decide_which_number_is_the_day(tmp_path: Path) -> None:
    # The first of a month that has passed, or the twelfth of one far away.
    rows = ("1,Cup,20,15,,12/1/2099", "2,Cup,20,15,,31/12/2020")
    assert prices(tmp_path, *rows)[0] == [15, 20]


def test_what_is_no_date_is_reported(tmp_path: Path) -> None:
    found, report = prices(tmp_path, "1,Cup,20,15,whenever,", "2,Cup,20,15,,")
    assert found == [15, 15]
    assert [(p.line, p.column, p.reason) for p in report.problems] == [
        (2, "sale_price_start_date", "expected a date, got 'whenever'")
    ]
