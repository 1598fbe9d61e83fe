"""The numbers of the report are those that somebody counts by hand, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from benchmarks import office
from confirmations.tables import Message, Sending
from customers.tables import Proof
from database.engine import reading, transaction
from documents.states import IntakeChannel, State
from environment import clock
from reports.model import CaseLink, Cell, Report, Share, text_of
from reports.report import report
from reports.span import Span, day_of, month_of
from review.tables import SecondLook
from tests.reports.papers import at, paper

pytestmark = pytest.mark.usefixtures("database")

JULY = month_of(date(2026, 7, 1))
ACCEPTANCE = "Akceptacja faktur elektronicznych"
RECEIVED, REVIEW, READY = State.RECEIVED, State.IN_REVIEW, State.READY
APPLIED, CONFIRMED, REJECTED = State.APPLIED, State.CONFIRMED, State.REJECTED


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon of a day in November."""
    monkeypatch.setattr(clock, "now", lambda: at("2026-11-10 12:00"))


def told(span: Span) -> Report:
    with reading() as session:
        return report(session, span)


def table(of: Report, caption: str) -> dict[str, tuple[Cell, ...]]:
    """The rows of a table by their names."""
    (found,) = [one for section in of.sections for one in section.tables if one.caption == caption]
    return {text_of(row[0]): row[1:] for row in found.rows}


def heads(of: Report, caption: str) -> tuple[str, ...]:
    (found,) = [one for section in of.sections for one in section.tables if one.caption == caption]
    return found.heads[1:]


def figure(of: Report, name: str) -> Cell:
    return dict(of.figures)[name]


def test_a_paper_that_comes_before_midnight_and_is_settled_after_it_counts_on_both_days() -> None:
    with transaction() as session:
        paper(session, (at("2026-07-01 23:50"), RECEIVED), (at("2026-07-02 00:20"), CONFIRMED))
    first, second = told(day_of(date(2026, 7, 1))), told(day_of(date(2026, 7, 2)))
    assert (figure(first, "przyszło"), figure(first, "załatwiono")) == (1, 0)
    assert (figure(second, "przyszło"), figure(second, "załatwiono")) == (0, 1)
    half_an_hour = timedelta(minutes=30)
    assert table(second, "Od wpływu do załatwienia albo odrzucenia") == {
        ACCEPTANCE: (1, half_an_hour, half_an_hour, half_an_hour)
    }


def test_the_days_of_the_change_of_clocks_have_the_hours_that_they_have() -> None:
    autumn, spring = day_of(date(2026, 10, 25)), day_of(date(2026, 3, 29))
    assert (autumn.end - autumn.begin, spring.end - spring.begin) == (timedelta(hours=25), timedelta(hours=23))
    with transaction() as session:
        paper(session, (at("2026-10-25 02:30"), RECEIVED), (at("2026-10-25 02:10", later=True), CONFIRMED))
        paper(session, (at("2026-10-25 23:59"), RECEIVED))
        paper(session, (at("2026-10-26 00:00"), RECEIVED))
        paper(session, (at("2026-03-29 01:50"), RECEIVED), (at("2026-03-29 03:10"), CONFIRMED))
    assert figure(told(autumn), "przyszło") == 2
    assert figure(told(autumn), "połowa spraw w ciągu") == timedelta(minutes=40)
    assert figure(told(spring), "połowa spraw w ciągu") == timedelta(minutes=20)
    assert table(told(autumn), "Przyszło i rozstrzygnięto")["2:00"][0] == 1


def test_a_case_that_is_opened_again_counts_as_what_it_was_at_the_end_of_the_days_asked_for() -> None:
    with transaction() as session:
        paper(
            session,
            (at("2026-07-01 08:00"), RECEIVED),
            (at("2026-07-01 09:00"), REJECTED, "machine", "missing_signature"),
            (at("2026-07-03 09:00"), REVIEW, "clerk:ewa", "reopened"),
            (at("2026-07-05 07:59"), READY, "clerk:ewa"),
            (at("2026-07-05 08:00"), CONFIRMED),
        )
    ends = {
        (first, last): (figure(made, "załatwiono"), figure(made, "odrzucono"))
        for first, last in ((1, 1), (1, 3), (3, 3), (5, 5), (1, 31))
        if (made := told(Span(date(2026, 7, first), date(2026, 7, last))))
    }
    assert ends == {(1, 1): (0, 1), (1, 3): (0, 0), (3, 3): (0, 0), (5, 5): (1, 0), (1, 31): (1, 0)}
    assert figure(told(JULY), "połowa spraw w ciągu") == timedelta(days=4)
    assert figure(told(JULY), "bez udziału człowieka") == Share(0, 1)
    assert table(told(day_of(date(2026, 7, 1))), "Dlaczego odrzucono") == {"Brak własnoręcznego podpisu": (1,)}


def test_a_day_counted_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    nine = at("2026-07-01 09:00")

    def after(minutes: int) -> datetime:
        return nine + timedelta(minutes=minutes)

    with transaction() as session:
        for minutes in range(1, 20):  # nineteen by machine: 1 to 19 minutes
            steps = (nine, RECEIVED), (after(minutes), READY), (after(minutes), APPLIED), (after(minutes), CONFIRMED)
            paper(session, *steps, by_hand=minutes <= 9)
        paper(  # one by a clerk, after two hours
            session,
            (nine, RECEIVED),
            (after(1), REVIEW, "machine", "doubtful"),
            (after(119), READY, "clerk:ewa"),
            (after(120), CONFIRMED),
            by_hand=True,
        )
        web = {"form": "ebok_signup", "channel": IntakeChannel.WEB}
        paper(session, (nine, RECEIVED), (after(1), REVIEW, "machine", "login_taken"), **web)  # type: ignore[arg-type]
        paper(session, (nine, RECEIVED), (after(2), REVIEW, "machine", "login_taken"), **web)  # type: ignore[arg-type]
        paper(session, (nine, RECEIVED), (after(1), State.QUARANTINED, "machine", "encrypted"), form=None)
        paper(session, (nine, RECEIVED), (after(1), State.DUPLICATE, "machine", "same_bytes"), form=None)
        paper(
            session, (nine, READY), (after(1), CONFIRMED), channel=IntakeChannel.DESK
        )  # a mistake put right: came before
    made = told(day_of(date(2026, 7, 1)))
    assert heads(made, "Formularze i drogi, którymi przyszły") == ("skan z kancelarii", "formularz na stronie", "razem")
    assert table(made, "Formularze i drogi, którymi przyszły") == {
        "Zgłoszenie do eBOK": (0, 2, 2),
        ACCEPTANCE: (20, 0, 20),
        "Bez rozpoznanego formularza": (2, 0, 2),
        "Razem": (22, 2, 24),
    }
    assert table(made, "Zakończone w tych dniach, kiedykolwiek przyszły") == {
        ACCEPTANCE: (20, 0, 0, 0, 20),
        "Bez rozpoznanego formularza": (0, 0, 1, 1, 2),
        "Razem": (20, 0, 1, 1, 22),
    }
    assert table(made, "Według formularza") == {
        "Zgłoszenie do eBOK": (Share(0, 2),),
        ACCEPTANCE: (Share(19, 20),),
        "Razem": (Share(19, 22),),
    }
    assert table(made, "Według tego, jak je wypełniono") == {
        "pismo ręczne": (Share(9, 10),),
        "druk albo plik PDF": (Share(10, 10),),
        "wpisane na ekranie": (Share(0, 2),),
        "Razem": (Share(19, 22),),
    }
    # Of 20 times the tenth is 10 and the eleventh 11 minutes; the nineteenth is enough for 95 in 100.
    assert table(made, "Od wpływu do załatwienia albo odrzucenia") == {
        ACCEPTANCE: (20, timedelta(minutes=10, seconds=30), timedelta(minutes=19), timedelta(hours=2))
    }
    assert table(made, "Dlaczego sprawy czekają na pracownika") == {
        "Login należy do kogoś innego": (2, 2),
        "Odczyt niepewny": (0, 1),
    }
    assert list(table(made, "Dlaczego trafiły do kwarantanny")) == ["Plik PDF jest zabezpieczony hasłem"]
    assert table(made, "Przyszło i rozstrzygnięto")["10:00"] == (0, 1, 0, 0, 0)
    steps = table(made, "Liczby po kolei")
    assert len(steps) == 14
    assert steps["śr. 01.07"][:2] == (24, 20)
    assert steps["wt. 30.06"] == (0, 0, None, None, Share(0, 0))


def test_what_waits_now_is_told_by_age_whatever_days_are_asked_for() -> None:
    with transaction() as session:
        oldest = paper(
            session, (at("2026-11-01 12:00"), RECEIVED), (at("2026-11-01 12:01"), REVIEW, "machine", "doubtful")
        )
        paper(session, (at("2026-11-10 11:00"), RECEIVED), (at("2026-11-10 11:01"), REVIEW, "machine", "doubtful"))
        paper(session, (at("2026-11-10 10:59"), RECEIVED))
    made = told(day_of(date(2026, 7, 1)))
    assert table(made, "Ile i jak długo już") == {
        "czeka na odczytanie": (0, 1, 0, 0, 0, 1),
        "do sprawdzenia": (1, 0, 0, 0, 1, 2),
        "Razem": (1, 1, 0, 0, 1, 3),
    }
    (section,) = [one for one in made.sections if one.anchor == "czeka"]
    assert section.tables[2].rows[0] == (CaseLink(oldest), at("2026-11-01 12:00"), "do sprawdzenia", "Odczyt niepewny")
    assert figure(made, "czeka teraz na pracownika") == 2


def message(key: str, made_at: datetime, state: str, **more: Any) -> Message:
    values = {"tracking": "T1", "channel": "email", "recipient": "x", "template": "t", "context": {}}
    return Message(key=key, state=state, created_at=made_at, next_attempt_at=made_at, **{**values, **more})


def test_messages_bounces_looks_and_links_count_on_their_own_days() -> None:
    inside, outside = at("2026-07-31 23:59"), at("2026-08-01 00:00")
    office.fill_register()
    tracking = office.online("einvoice_acceptance", 1)
    office.worked_off(tracking)
    with transaction() as session:
        session.query(Message).delete()
        session.add_all([message("a", inside, "sent"), message("b", inside, "bounced"), message("c", outside, "sent")])
        session.add(message("d", inside, "sent", channel="letter"))
        session.flush()
        (bounced,) = session.query(Message).filter_by(key="b").all()
        for claim, when in (("x", inside), ("y", outside)):
            sent = {"claim": claim, "at": inside, "channel": "email", "transport": "smtp", "recipient": "x"}
            session.add(Sending(message_id=bounced.id, bounce="mailbox_full", bounced_at=when, **sent))
        looks = {"chosen_at": inside, "checked": 10}
        session.add(SecondLook(tracking="T1", looked_at=inside, verdict="right", wrong=[], **looks))
        session.add(SecondLook(tracking="T2", looked_at=inside, verdict="wrong", wrong=["email", "name"], **looks))
        session.add(SecondLook(tracking="T3", looked_at=outside, verdict="wrong", wrong=["email"], **looks))
        session.query(Proof).update({"expires_at": clock.now()})
    made = told(JULY)
    assert table(made, "Napisane w tych dniach i ich stan teraz") == {
        "e-mail": (1, 1, 2),
        "list": (1, 0, 1),
        "Razem": (2, 1, 3),
    }
    assert table(made, "Dlaczego wracały w tych dniach") == {"Skrzynka klienta jest pełna": (1,)}
    assert table(made, "Druga kontrola w tych dniach") == {
        "sprawy z błędem": (Share(1, 2, interval=True),),
        "pola odczytane źle": (Share(2, 20, interval=True),),
    }
    assert text_of(Share(2, 20, interval=True)) == "10% (2 z 20); przedział 95%: od 2,8% do 30%"
    assert list(table(made, "Do zadzwonienia")) == [tracking]
    assert figure(made, "do zadzwonienia") == 1
