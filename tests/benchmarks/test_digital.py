"""The benchmark of digital forms tells what is trusted but not seen, and its mischiefs are all borne."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks import digital
from benchmarks.digital import CLEAN, Field, read, report
from benchmarks.eight_thousand import customers
from specimens.changed_sheet import UNCLEAR
from specimens.mischief import MISCHIEFS

_RIGHT = Field(1, "covered", "email", "a@wp.pl", "a@wp.pl", True, "a@wp.pl", True, None, 0.1)


@pytest.fixture(scope="module", autouse=True)
def _few_customers() -> Iterator[None]:
    """A list of two hundred: of eight thousand, to draw them and to find them by takes longer than to read."""
    with pytest.MonkeyPatch.context() as patch:
        few = customers(200)
        patch.setattr(digital, "_everyone", lambda: few)
        digital._directory.cache_clear()
        yield
        digital._directory.cache_clear()


def test_a_trusted_value_that_is_not_what_is_seen_is_wrong_alone_or_with_the_list() -> None:
    assert not _RIGHT.wrong
    assert replace(_RIGHT, seen=UNCLEAR).wrong
    assert replace(_RIGHT, seen=None, trusted=False).wrong
    assert not replace(_RIGHT, seen=None, trusted=False, listed_trusted=False).wrong
    assert "covered" in report([replace(_RIGHT, seen=UNCLEAR)])


@pytest.mark.parametrize("mischief", [*MISCHIEFS, "merged", "photograph", "remark"])
def test_no_mischief_makes_a_value_trusted_that_nobody_would_read(mischief: str) -> None:
    fields = read((1, mischief), 77)
    assert fields
    assert [one for one in fields if one.wrong] == []


def test_a_form_without_mischief_is_trusted_as_it_stands() -> None:
    fields = read((0, CLEAN), 77)
    assert [one for one in fields if one.wrong or not one.trusted] == []
