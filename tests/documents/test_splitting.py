"""One original becomes the documents that are found in it, once."""

from __future__ import annotations

import pytest

from database.engine import transaction
from documents.loading import load
from documents.splitting import FoundForm, split
from documents.summaries import list_documents, story
from documents.values import problems_of, submission_of
from forms.form import Problem
from tests.documents.examples import read_acceptance, together
from tests.documents.received import one_part, scan

pytestmark = pytest.mark.usefixtures("database")


def test_a_batch_is_split_into_documents_that_share_the_original() -> None:
    tracking = scan()
    with transaction() as session:
        parts = [one_part(1), FoundForm(None, None, (3,), None, "scan"), one_part(4, 5)]
        found = split(session, load(session, tracking), parts, ignored_pages=[2])
        assert found[0].tracking == tracking
    with transaction() as session:
        documents = [load(session, each.tracking) for each in found]
        assert [(each.form, each.pages, each.parent_tracking) for each in documents] == [
            ("einvoice_acceptance", [1], None),
            (None, [3], tracking),
            ("einvoice_acceptance", [4, 5], tracking),
        ]
        assert len({each.original_sha256 for each in documents}) == 1
        assert len({each.received_at for each in documents}) == 1
        assert {each.state for each in documents} == {"received"}
        assert documents[0].paper
        assert problems_of(documents[0]) == (Problem("email", "doubt", "Sprawdź."),)
        assert submission_of(session, documents[2]) == read_acceptance()
        assert str(documents[0].signed_on) == "2026-01-05"
        told = story(session, tracking)
        assert told["children"] == [found[1].tracking, found[2].tracking]
        went = [tracking, None, found[1].tracking, found[2].tracking, found[2].tracking]
        for each in found:
            shown = story(session, each.tracking)["file_pages"]
            assert shown == [{"page": page, "tracking": to} for page, to in enumerate(went, start=1)]
        assert next(line for line in told["audit"] if line["action"] == "split")["detail"]["ignored_pages"] == [2]


def test_a_split_that_is_repeated_gives_the_same_documents() -> None:
    tracking, parts = scan(), [one_part(1), one_part(2)]
    with transaction() as session:
        first = [each.tracking for each in split(session, load(session, tracking), parts)]
    with transaction() as session:
        again = [each.tracking for each in split(session, load(session, tracking), [*parts, one_part(3)])]
    assert again == first


def test_a_split_that_crashed_leaves_nothing_behind() -> None:
    tracking = scan()
    with pytest.raises(ZeroDivisionError), transaction() as session:
        split(session, load(session, tracking), [one_part(1), one_part(2)])
        raise ZeroDivisionError
    with transaction() as session:
        assert load(session, tracking).pages is None
        assert len(list_documents(session)) == 1


def test_two_splits_at_once_give_the_same_documents() -> None:
    tracking = scan()
    with transaction() as session:
        seen = load(session, tracking)
    results: list[tuple[str, ...]] = []

    def split_it(_: int) -> None:
        with transaction() as session:
            found = split(session, load(session, seen.tracking), [one_part(1), one_part(2)])
            results.append(tuple(each.tracking for each in found))

    together(4, split_it)
    assert len(set(results)) == 1
