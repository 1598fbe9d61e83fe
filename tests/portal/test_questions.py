"""Questions: asked once whatever is sent twice, answered by one clerk at a time, kept and erased with their files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import delete, select, update

from access.staff import Role, add_staff
from audit.tables import AuditEntry
from benchmarks import office
from confirmations import outbox
from confirmations.tables import Message
from customers.tables import Account, Authority
from database.engine import reading, transaction
from documents import claims
from documents.erasing import released_originals
from documents.originals import store_bytes
from documents.tables import Original
from environment import clock
from integrity.checking import COMPARISONS
from integrity.differences import Scope
from integrity.questions import COMPARISONS as OF_QUESTIONS
from portal import answering, questions
from portal.answer_templates import TEMPLATES, is_unfinished
from portal.answering import AnsweredMeanwhileError
from portal.conversations import LONGEST, Conversation, QuestionState
from portal.question_erasing import erase_before, erase_questions
from portal.question_tables import Question, QuestionAttachment, QuestionTurn
from portal.questions import Asker, TooManyQuestionsError, cleaned
from retention.erasure import erase
from retention.export import export
from tests.portal.asking import PICTURE, ask, asker, with_account, written

SCOPE = Scope(reads=lambda _sha256, _stored_at: False)


@pytest.fixture
def whom(database: str) -> Asker:
    """A customer with an account, on either database."""
    office.fill_register()
    return with_account()


@pytest.fixture
def lone(sqlite_database: str) -> Asker:
    """The same where the kind of database does not matter."""
    office.fill_register()
    return with_account()


def talk(whom: Asker, number: int) -> Conversation:
    with reading() as session:
        found = questions.question_of(session, whom, number)
    assert found is not None
    return found


def answer(number: int, text: str = "Z odczytu.", *, key: str = "k", seen: int, closes: bool = False) -> bool:
    with transaction() as session:
        return answering.answer(session, number, "ewa", text, key=key, seen=seen, closes=closes)


def answered_states() -> list[str]:
    """The states of what the office sees as waiting."""
    with reading() as session:
        return [one.line.state for one in answering.listed(session, QuestionState.NEW) if one.line.waits_since]


def differences() -> set[str]:
    return {one.kind.code for comparison in OF_QUESTIONS for one in comparison.differences(SCOPE)}


def test_a_question_goes_back_and_forth_and_tells_its_customer_of_each_answer_once(whom: Asker) -> None:
    number = ask(whom, "Skąd ta kwota?", PICTURE)
    asked = talk(whom, number)
    assert (asked.state, asked.waits_since) == (QuestionState.NEW, asked.asked_at)
    assert [file.name for file in asked.turns[0].files] == ["zdjęcie 1.png"]
    for _ in range(2):
        assert answer(number, seen=asked.last_turn), "the same answer again changes nothing"
    told = talk(whom, number)
    assert (told.state, told.waits_since, told.held_by) == (QuestionState.ANSWERED, None, "ewa")
    assert [turn.clerk for turn in told.turns] == [None, "ewa"]
    with reading() as session:
        (message,) = session.scalars(select(Message).where(Message.template == "question_answered")).all()
    assert message.recipient == whom.login
    said = str(message.context | {"tracking": ""})
    assert not {text for text in ("Skąd", "odczytu", whom.customer_no) if text in said}

    with transaction() as session:
        assert questions.go_on(session, whom, number, written("A korekta?"))
    again = talk(whom, number)
    assert again.state is QuestionState.NEW
    assert again.waits_since == again.turns[-1].at
    assert answer(number, "Będzie.", key="k2", seen=again.last_turn, closes=True)
    assert talk(whom, number).state is QuestionState.CLOSED
    with reading() as session:
        assert len(session.scalars(select(Message).where(Message.template == "question_answered")).all()) == 2
        waited = session.scalars(select(QuestionTurn.waited_since).where(QuestionTurn.clerk == "ewa")).all()
        audited = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"question:{number}")).all()
    assert list(waited) == [asked.asked_at, again.waits_since]
    assert audited == ["question_asked", "question_answered", "question_asked", "question_answered"]
    outbox.deliver(transaction)
    mail = office.mails_to(whom.login)[-1]
    assert "Jest odpowiedź" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    assert "/ebok/pytania" in text
    assert "korekta" not in text


def test_what_is_sent_twice_is_one_and_of_two_customers_never(whom: Asker) -> None:
    other = with_account(1)
    assert ask(whom, key="ten sam") == ask(whom, "inny tekst", key="ten sam")
    theirs = ask(other, key="ten sam")
    with reading() as session:
        assert len(questions.questions_of(session, whom)) == 1
        assert questions.question_of(session, whom, theirs) is None
    turn = written("Jeszcze jedno", key="dopisek")
    for _ in range(2):
        with transaction() as session:
            assert questions.go_on(session, other, theirs, turn)
            assert not questions.go_on(session, whom, theirs, written())
            assert not questions.close(session, whom, theirs)
    assert len(talk(other, theirs).turns) == 2


@pytest.mark.parametrize(("invoice_no", "case_tracking"), [("FV\0", None), (None, "K7M4\0")])
def test_a_number_with_a_sign_that_no_database_takes_is_nobodys(
    whom: Asker, invoice_no: str | None, case_tracking: str | None
) -> None:
    with reading() as session:
        assert not questions.is_his(session, whom.customer_no, invoice_no=invoice_no, case_tracking=case_tracking)


def test_who_acts_for_a_customer_sees_only_what_his_own_account_asked(lone: Asker) -> None:
    agent = with_account(1)
    acting = Asker(lone.customer_no, agent.login, sees_all=False)
    private, his = ask(lone, "O moim długu", PICTURE), ask(acting, "O wodomierzu")
    (file,) = talk(lone, private).turns[0].files
    with reading() as session:
        assert [one.number for one in questions.questions_of(session, acting)] == [his]
        assert questions.question_of(session, acting, private) is None
        assert questions.attachment_of(session, acting, private, file.number) is None
        assert len(questions.questions_of(session, lone)) == 2
    with transaction() as session:
        assert not questions.go_on(session, acting, private, written())
    with transaction() as session:
        at, account = clock.now(), session.scalars(select(Account.id).where(Account.login == agent.login)).one()
        given = Authority(customer_no=lone.customer_no, account_id=account, email=agent.login, scope="act")
        given.given_by, given.given_at, given.until, given.link_ends = "customer", at, clock.today(), at
        session.add(given)
    assert answer(his, seen=talk(acting, his).last_turn)
    with transaction() as session:
        session.execute(update(Authority).values(ended_at=clock.now()))
    assert answer(his, "Jeszcze jedno.", key="k2", seen=talk(acting, his).last_turn)
    wanted = select(Message.recipient).where(Message.template == "question_answered").order_by(Message.id)
    with reading() as session:
        assert session.scalars(wanted).all() == [agent.login, lone.login], "who may read it no more is not written to"


def test_an_answer_to_what_its_clerk_has_not_seen_is_refused(lone: Asker) -> None:
    number = ask(lone)
    seen = talk(lone, number).last_turn
    with transaction() as session:
        questions.go_on(session, lone, number, written("Już wiem, dziękuję"))
    with pytest.raises(AnsweredMeanwhileError):
        answer(number, seen=seen)
    with pytest.raises(AnsweredMeanwhileError), transaction() as session:
        answering.close(session, number, "ewa", seen=seen)
    assert talk(lone, number).state is QuestionState.NEW
    assert not answer(number + 1, seen=seen)


def test_what_a_customer_adds_while_a_clerk_answers_waits_for_an_answer(
    whom: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = ask(whom)
    seen, refused = talk(whom, number).last_turn, list[Exception]()

    def answers() -> None:
        try:
            answer(number, seen=seen)
        except AnsweredMeanwhileError as error:
            refused.append(error)

    clerk = Thread(target=answers)

    def meanwhile(*_: object) -> None:
        clerk.start()
        clerk.join(1)  # who holds the question lets him go on only afterwards

    monkeypatch.setattr(questions, "_count", meanwhile)
    with transaction() as session:
        assert questions.go_on(session, whom, number, written("I jeszcze jedno"))
    clerk.join()
    assert len(refused) == 1
    assert (talk(whom, number).state, answered_states()) == (QuestionState.NEW, [QuestionState.NEW])


def test_the_oldest_waits_first_and_is_handed_on_to_those_who_may_answer(lone: Asker) -> None:
    first, second = ask(lone, "pierwsze"), ask(lone, "drugie")
    with transaction() as session:
        for login, role in (("ewa", Role.CLERK), ("maria", Role.MANAGER)):
            add_staff(session, login, login.capitalize(), role, "x")
        assert answering.hand_over(session, second, "ewa", "ewa")
        assert not answering.hand_over(session, second, "ewa", "maria"), "managers decide nothing"
        assert [one.login for one in answering.answerers(session)] == ["ewa"]
    with reading() as session:
        assert [one.line.number for one in answering.listed(session, QuestionState.NEW)] == [first, second]
        held = answering.listed(session, QuestionState.NEW, held_by="ewa")
        assert [one.line.number for one in held] == [second]
        waits = answering.waiting(session)
    assert (waits.number, waits.since) == (2, talk(lone, first).asked_at)


@pytest.mark.parametrize("typed", ["number", "customer", "name", "słowo KWOTA"])
def test_questions_are_found_by_numbers_names_and_words(lone: Asker, typed: str) -> None:
    number = ask(lone, "To słowo, ta kwota.")
    other = ask(with_account(1), "Coś innego")
    known = {
        "number": str(number),
        "customer": lone.customer_no,
        "name": str(office.people()[0]["name"]).split()[-1].lower(),
    }
    with reading() as session:
        found = [one.line.number for one in answering.find(session, known.get(typed, typed))]
    assert number in found
    assert other not in found


def test_a_text_is_cleaned_of_what_nobody_sees_and_refused_when_empty_or_too_long() -> None:
    assert cleaned("  Dzień dobry,\r\n\r\n\r\n\r\n pyt\x00anie\u202e \n") == ("Dzień dobry,\n\n pytanie", None)
    for typed, code in (("\u200e \n", "missing"), ("\u200b\u2060\ufeff", "missing"), ("x" * (LONGEST + 1), "too_long")):
        _, fault = cleaned(typed)
        assert fault is not None
        assert fault.code == code


def test_a_template_is_sent_by_nobody_before_it_is_filled_in() -> None:
    for one in TEMPLATES:
        assert is_unfinished(one.text)
    assert not is_unfinished("Kwota [z VAT] wynosi 5 zł.")


def test_a_customer_may_not_flood_the_office(lone: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_A_DAY", 2)
    ask(lone)
    ask(lone)
    with pytest.raises(TooManyQuestionsError):
        ask(lone)
    agent = replace(lone, actor="agent:P123456789/1")
    ask(agent)
    ask(agent)
    with pytest.raises(TooManyQuestionsError):
        ask(agent)


def test_files_stay_as_long_as_their_question_and_those_of_an_invoice_outlive_it(whom: Asker) -> None:
    picture, invoice = PICTURE + b"1", b"%PDF-1.7 faktura"
    with transaction() as session:
        claims.keep(session, [store_bytes(invoice)], claims.INVOICES)
    number = ask(whom, "O tę fakturę", picture, invoice)
    shas = [hashlib.sha256(data).hexdigest() for data in (picture, invoice)]
    with reading() as session:
        assert released_originals(session, "", 10) == []
    assert differences() == set()
    with transaction() as session:
        assert erase_before(session, clock.now() + timedelta(days=1), 10) == 0, "it waits for an answer"
        assert erase_questions(session, whom.customer_no) == 0
    assert answer(number, seen=talk(whom, number).last_turn)
    with transaction() as session:
        assert erase_before(session, clock.now() - timedelta(days=1), 10) == 0
        assert erase_before(session, clock.now() + timedelta(days=1), 10) == 1
    with reading() as session:
        assert session.scalars(select(QuestionAttachment)).all() == []
        assert released_originals(session, "", 10) == [shas[0]]
        kept = session.get(Original, shas[1])
    assert kept is not None
    assert kept.kept_for == claims.INVOICES


def test_what_does_not_fit_together_is_found(lone: Asker) -> None:
    number = ask(lone, "Z plikiem", PICTURE)
    empty = ask(lone, "Do usunięcia")
    sha = talk(lone, number).turns[0].files[0].sha256
    with transaction() as session:
        claims.keep(session, [store_bytes(b"%PDF-1.7 niczyj")], claims.QUESTIONS)
        claims.let_go(session, [sha], claims.QUESTIONS)
        session.execute(delete(QuestionTurn).where(QuestionTurn.question_id == empty))
        session.execute(update(Question).where(Question.id == number).values(state="closed"))
    assert differences() == {
        "question_empty",
        "question_wait_torn",
        "question_file_unclaimed",
        "question_file_of_none",
    }
    assert set(OF_QUESTIONS) <= set(COMPARISONS)
    mended = [one for one in OF_QUESTIONS if one.kind.mending]
    for comparison in mended:
        for found in list(comparison.differences(SCOPE)):
            with transaction() as session:
                assert comparison.mend(session, found, "test")
    assert "question_file_of_none" not in differences()


def test_an_answer_to_a_closed_account_is_kept_and_told_to_nobody(lone: Asker) -> None:
    number = ask(lone)
    with transaction() as session:
        session.execute(delete(Account).where(Account.customer_no == lone.customer_no))
    with reading() as session:
        found = answering.question(session, number)
    assert found is not None
    assert not found.reachable
    assert answer(number, seen=found.talk.last_turn)
    with reading() as session:
        assert session.scalars(select(Message)).all() == []
    assert asker(0).customer_no == lone.customer_no


def test_all_that_is_held_of_a_customer_has_his_questions_with_their_files_and_erasing_leaves_what_waits(
    lone: Asker, tmp_path: Path
) -> None:
    answered, waits = ask(lone, "Skąd ta kwota?", PICTURE), ask(lone, "A korekta?")
    assert answer(answered, seen=talk(lone, answered).last_turn)
    done = export(lone.customer_no, tmp_path / "dane", "customer")
    told = json.loads((done.folder / "index.json").read_text())["questions"]
    assert [[turn["text"] for turn in one["turns"]] for one in told] == [
        ["Skąd ta kwota?", "Z odczytu."],
        ["A korekta?"],
    ]
    (file,) = told[0]["turns"][0]["files"]
    assert (done.folder / file["file"]).read_bytes() == PICTURE
    assert "Z odczytu." in (done.folder / "index.html").read_text()
    erase(lone.customer_no, "command line:test")
    with reading() as session:
        assert [one.number for one in questions.all_of(session, lone.customer_no)] == [waits]
