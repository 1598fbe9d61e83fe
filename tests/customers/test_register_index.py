"""The index of the register: always what stands in the register, whoever changed it and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import delete, select, update

from customers import register_index
from customers.comparison import plain
from customers.erasing import reduce_customer
from customers.importing import import_customers, load_customers
from customers.records import COLUMNS, CustomerRecord
from customers.register_index import index_rest, indexed_share, numbers_named, words_of
from customers.tables import Customer, NameWord, RegisterIndex, RegisterWord
from database.engine import transaction
from specimens.people import invented_customers
from tests.customers.samples import FIRM, JAN, acceptance, applied, register


def forget_index() -> None:
    """As a database is whose customers were there before there was an index, some of them before there were keys."""
    with transaction() as session:
        session.execute(delete(NameWord))
        session.execute(delete(RegisterWord))
        session.execute(update(Customer).values(name_key=None, pesel_key=None))
        session.execute(update(RegisterIndex).values(reached="", words_state=0))


def assert_index_is_of_the_register() -> None:
    """What the index says is what a reading of the whole register says."""
    with transaction() as session:
        people = session.scalars(select(Customer)).all()
        words, counted = set(), Counter[tuple[str, str]]()
        for one in people:
            words |= {(word, one.customer_no) for word in plain(one.name).split()}
            row = {name: getattr(one, name) for name in ("name", "street", "postcode", "town")}
            counted.update(words_of(row))
        rows = session.execute(select(NameWord.word, NameWord.customer_no))
        assert {(word, number) for word, number in rows} == words
        counts = session.execute(select(RegisterWord.field, RegisterWord.word, RegisterWord.count))
        assert {(field, word): number for field, word, number in counts} == counted


def found(typed: str, most: int = 31) -> list[str]:
    with transaction() as session:
        return numbers_named(session, plain(typed).split(), most)


def people(count: int, seed: int = 3) -> list[CustomerRecord]:
    rows = invented_customers(count, seed, consecutive=True)
    return [CustomerRecord(**{name: row[name] or None for name in COLUMNS}) for row in rows]  # type: ignore[arg-type]


@pytest.mark.usefixtures("database")
def test_imports_changes_and_erasures_in_any_order_leave_the_index_of_the_register() -> None:
    rng, listed = Random(4), people(60)
    load_customers(listed[:40])
    assert_index_is_of_the_register()
    for turn in range(6):
        others = people(60, seed=10 + turn)
        changed = [
            replace(other, customer_no=one.customer_no) if rng.random() < 0.4 else one
            for one, other in zip(listed, others, strict=True)
        ]
        some = rng.sample(changed, 30)
        if turn % 2:
            load_customers(some)
        else:
            with transaction() as session:
                import_customers(session, some)
        assert_index_is_of_the_register()
        with transaction() as session:
            for one in rng.sample(session.scalars(select(Customer)).all(), 5):
                reduce_customer(session, one)
        assert_index_is_of_the_register()


@pytest.mark.usefixtures("database")
def test_of_a_customer_who_is_erased_no_word_remains_but_the_name_where_a_proof_rests_on_it() -> None:
    register()
    applied(acceptance(), "T1")
    with transaction() as session:
        for number in (JAN.customer_no, FIRM.customer_no):
            reduce_customer(session, session.get_one(Customer, number))
    with transaction() as session:
        words = set(session.scalars(select(RegisterWord.word)))
    assert words == {"ŻANETA", "WÓJCIK"}
    assert found("instal") == []
    assert found("zan") == [JAN.customer_no]


@pytest.mark.usefixtures("database")
def test_an_index_that_is_owed_is_made_in_bundles_and_goes_on_where_it_was_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(register_index, "_BUNDLE", 7)
    listed = people(30)
    load_customers(listed)
    forget_index()
    assert indexed_share() == 0
    assert next(index_rest()) == 7
    assert 0 < indexed_share() < 1
    # Meanwhile customers change on both sides of what is reached, one goes, one is new.
    changed = [replace(one, name=f"Nowa {one.customer_no}", town="Nowe") for one in listed[5:9]]
    with transaction() as session:
        import_customers(session, [*changed, replace(listed[0], customer_no="99999999")])
        reduce_customer(session, session.get_one(Customer, listed[-1].customer_no))
    assert sum(index_rest()) > 0
    assert indexed_share() == 1
    assert sum(index_rest()) == 0
    assert_index_is_of_the_register()
    with transaction() as session:
        assert session.scalars(select(Customer.customer_no).where(Customer.name_key.is_(None))).all() == []
        lacking = select(Customer).where(Customer.pesel_key.is_(None))
        assert [one for one in session.scalars(lacking) if one.pesel] == []


@pytest.mark.usefixtures("sqlite_database")
def test_the_next_import_makes_an_index_that_is_owed() -> None:
    register(JAN)
    forget_index()
    load_customers([FIRM])
    assert_index_is_of_the_register()


@pytest.mark.usefixtures("database")
def test_a_search_finds_whom_a_look_at_every_name_finds() -> None:
    listed = [*people(400), replace(JAN, name="Жанна Жукова"), replace(FIRM, name="Kowalska-Kowal Kow i Kow sp.k.")]
    load_customers(listed)
    rng = Random(5)
    words = [word for one in listed for word in plain(one.name).split()]
    for _ in range(150):
        typed = [word[: rng.randint(1, len(word))] for word in rng.sample(words, rng.choice((1, 2)))]
        expected = {
            one.customer_no
            for one in listed
            if all(any(word.startswith(start) for word in plain(one.name).split()) for start in typed)
        }
        assert set(found(" ".join(typed), most=1000)) == expected
        few = found(" ".join(typed), most=4)
        assert len(few) == len(set(few)) == min(4, len(expected))
        assert set(few) <= expected


@pytest.mark.usefixtures("database")
def test_letters_with_marks_are_found_without_and_those_of_other_scripts_by_their_beginning() -> None:
    load_customers([JAN, replace(FIRM, name="Жанна Жукова")])
    assert found("Żan") == found("zan") == found("WOJC zaneta") == [JAN.customer_no]
    assert found("ЖАН") == found("жук") == [FIRM.customer_no]
