"""A form begun online is kept under a secret address, for its holder alone and for its days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from database.engine import transaction
from documents.drafts import Draft, find, forget, is_token, keep, mark_sent, new_token, sweep_away
from environment import clock
from environment.settings import get_settings

pytestmark = pytest.mark.usefixtures("sqlite_database")
FORM = "ebok_signup"


def kept(token: str, text: str, *, own: bool) -> str:
    with transaction() as session:
        draft, token = keep(session, FORM, token, {"name": text}, own=own)
        assert draft.values == {"name": text}
    return token


def seen(token: str, form: str = FORM) -> tuple[dict[str, str] | None, int] | None:
    with transaction() as session:
        draft = find(session, form, token)
        return None if draft is None else (draft.values, draft.revision)


def later(monkeypatch: pytest.MonkeyPatch, **passed: float) -> None:
    moment = clock.now() + timedelta(**passed)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_draft_is_found_by_its_form_and_token_alone_and_counts_its_times() -> None:
    token = new_token()
    assert kept(token, "Anna", own=False) == token
    assert seen(token) == ({"name": "Anna"}, 1)
    assert kept(token, "Anna N", own=True) == token
    assert seen(token) == ({"name": "Anna N"}, 2)
    assert seen(token, "einvoice_acceptance") is None
    assert seen(new_token()) is None


def test_who_goes_on_in_another_browser_does_so_with_a_copy_and_the_former_stays_as_it_was() -> None:
    first = kept(new_token(), "Anna", own=False)
    second = kept(first, "Ewa", own=False)
    assert second != first and is_token(second)
    assert seen(first) == ({"name": "Anna"}, 1)
    assert seen(second) == ({"name": "Ewa"}, 1)


def test_a_copy_that_is_sent_ends_what_it_was_made_of_without_a_word_of_its_case() -> None:
    first = kept(new_token(), "Anna", own=False)
    second = kept(first, "Ewa", own=False)
    changed = kept(new_token(), "Ola", own=False)
    of_changed = kept(changed, "Iza", own=False)
    kept(changed, "Ola N", own=True)
    with transaction() as session:
        for token in (second, of_changed):
            draft = find(session, FORM, token, lock=True)
            assert draft is not None
            mark_sent(session, draft, "K7M4-PX9R")
    with transaction() as session:
        ended = find(session, FORM, first)
        assert ended is not None and (ended.values, ended.tracking) == (None, None)
    assert seen(changed) == ({"name": "Ola N"}, 2)


def test_what_was_sent_is_erased_and_remembers_its_case_whoever_writes_there() -> None:
    token = kept(new_token(), "Anna", own=False)
    with transaction() as session:
        draft = find(session, FORM, token, lock=True)
        assert draft is not None
        key = draft.request_key
        mark_sent(session, draft, "K7M4-PX9R")
    with transaction() as session:
        again, same = keep(session, FORM, token, {"name": "Ewa"}, own=True)
        assert (again.values, again.tracking, again.request_key, same) == (None, "K7M4-PX9R", key, token)
        forget(session, FORM, token)
    assert seen(token) == (None, 1), "forgetting leaves what was sent"
    assert key.startswith("draft ") and token not in key


def test_a_draft_that_is_not_wanted_any_more_is_gone_and_others_stay() -> None:
    first, second = (kept(new_token(), name, own=False) for name in ("Anna", "Ewa"))
    with transaction() as session:
        forget(session, FORM, first)
    assert seen(first) is None
    assert seen(second) is not None


def test_a_draft_lives_for_its_days_from_the_last_time_it_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    days = get_settings().draft_days
    token = kept(new_token(), "Anna", own=False)
    later(monkeypatch, days=days - 1)
    kept(token, "Anna N", own=True)
    later(monkeypatch, days=days - 1)
    assert seen(token) is not None
    later(monkeypatch, days=1)
    assert seen(token) is None, "its time is over"


def test_drafts_whose_time_is_over_are_swept_away_when_another_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(new_token(), "Anna", own=False)
    later(monkeypatch, days=get_settings().draft_days)
    fresh = kept(new_token(), "Ewa", own=False)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1
        sweep_away(session)
    assert seen(fresh) is not None


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "a" * 31 + "!", "a" * 31 + "ą", "a" * 32 + "\n"])
def test_what_is_no_token_of_ours_is_told_from_one_that_is(text: str) -> None:
    assert not is_token(text)
    assert is_token(new_token())
    assert new_token() != new_token()
