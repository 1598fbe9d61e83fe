"""Pages of the queue and of one document, and what their buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from access.staff import Role
from database.engine import transaction
from documents import loading
from tests.api.desk.staff import Desk
from tests.customers import samples
from tests.customers.samples import JAN, acceptance, untrusted
from tests.review.papers import bare, leases_run_out, state_of, waiting
from tests.review.test_decisions import paper

SignIn = Callable[..., Desk]


@pytest.fixture
def doubtful(sqlite_database: str) -> str:
    """A paper that waits because of its e-mail address."""
    samples.register()
    return waiting(untrusted(paper(acceptance()), "email"))


def fields(desk: Desk, tracking: str) -> dict[str, str]:
    """What the page of a document would send."""
    page = desk.browser.get(f"/biuro/sprawy/{tracking}").text
    found = re.findall(r'<input (?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")([^>]*)>', page)
    return {name: value for name, value, rest in found if 'type="checkbox"' not in rest or " checked" in rest}


def decide(desk: Desk, tracking: str, action: str, **typed: str) -> tuple[int, str]:
    answer = desk.browser.post(
        f"/biuro/sprawy/{tracking}",
        data={**fields(desk, tracking), "kratki": ["accept_terms", "signature"], "co": action, **typed},
        follow_redirects=False,
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def test_the_next_document_of_the_same_choice_comes_at_once(desk: SignIn, doubtful: str) -> None:
    signup, following = bare(minutes=60), waiting(untrusted(paper(acceptance()), "email"))
    ewa = desk()
    taken = ewa.browser.post(
        "/biuro/nastepny", data={"csrf": ewa.csrf, "formularz": "einvoice_acceptance"}, follow_redirects=False
    )
    assert taken.headers["location"] == f"/biuro/sprawy/{doubtful}?formularz=einvoice_acceptance"
    answer = decide(ewa, doubtful, "zatwierdz", formularz="einvoice_acceptance")
    assert answer == (303, f"/biuro/sprawy/{following}?formularz=einvoice_acceptance&po={doubtful}")
    assert (state_of(doubtful), state_of(signup)) == ("ready", "in_review")


def test_a_second_click_goes_on_to_the_next_document_and_decides_nothing_more(desk: SignIn, doubtful: str) -> None:
    following = waiting(untrusted(paper(acceptance()), "email"))
    ewa = desk()
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    sent = {**fields(ewa, doubtful), "kratki": ["accept_terms", "signature"], "co": "zatwierdz"}
    places = [
        ewa.browser.post(f"/biuro/sprawy/{doubtful}", data=sent, follow_redirects=False).headers["location"]
        for _ in range(2)
    ]
    assert [place.partition("?")[0] for place in places] == [f"/biuro/sprawy/{following}"] * 2
    assert state_of(following) == "in_review"


def test_a_refused_value_stays_in_its_field_with_its_error(desk: SignIn, doubtful: str) -> None:
    ewa = desk()
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    status, page = decide(ewa, doubtful, "zatwierdz", **{"pole.email": "nowa@", "pole.phone": "600 700 801"})
    assert status == 422
    assert "<title>Błąd: " in page
    assert 'value="nowa@"' in page
    assert 'value="600 700 801"' in page
    assert 'href="#email"' in page
    assert state_of(doubtful) == "in_review"


def test_what_was_typed_on_an_old_page_is_shown_over_the_present_state(desk: SignIn, doubtful: str) -> None:
    ewa = desk()
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    old = fields(ewa, doubtful)
    assert decide(ewa, doubtful, "porownaj", **{"pole.phone": "600700802"})[0] == 303
    answer = ewa.browser.post(
        f"/biuro/sprawy/{doubtful}",
        data={**old, "kratki": ["accept_terms", "signature"], "co": "zatwierdz", "pole.email": "inna@example.com"},
    )
    assert answer.status_code == 409
    assert "zmieniła się, odkąd ją otwarto" in answer.text
    assert 'value="inna@example.com"' in answer.text
    assert state_of(doubtful) == "in_review"


def test_the_page_prolongs_the_lease_until_somebody_else_has_the_document(desk: SignIn, doubtful: str) -> None:
    ewa, olga = desk("ewa"), desk("olga")
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    assert ewa.post(f"/biuro/sprawy/{doubtful}/przedluz").status_code == 204
    assert olga.post(f"/biuro/sprawy/{doubtful}/zajmij").status_code == 409
    leases_run_out()
    assert olga.post(f"/biuro/sprawy/{doubtful}/zajmij").status_code == 200
    assert ewa.post(f"/biuro/sprawy/{doubtful}/przedluz").status_code == 409


def test_the_supervisor_gets_what_is_sent_to_him_with_the_note_and_clerks_do_not_see_it(
    desk: SignIn, doubtful: str
) -> None:
    ewa, jan = desk("ewa"), desk("jan", Role.SUPERVISOR)
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    assert decide(ewa, doubtful, "kierownik")[0] == 422
    assert decide(ewa, doubtful, "kierownik", notatka="Dzwonił wczoraj.")[0] == 303
    assert doubtful not in ewa.browser.get("/biuro/?poziom=supervisor").text
    assert doubtful in jan.browser.get("/biuro/?poziom=supervisor").text
    jan.post(f"/biuro/sprawy/{doubtful}/zajmij")
    assert "Dzwonił wczoraj." in jan.browser.get(f"/biuro/sprawy/{doubtful}").text


def test_pesel_is_on_the_page_of_who_holds_the_document_only(desk: SignIn, doubtful: str) -> None:
    ewa, olga = desk("ewa"), desk("olga")
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    shown = [str(JAN.pesel) in one.browser.get(f"/biuro/sprawy/{doubtful}").text for one in (ewa, olga)]
    assert shown == [True, False]


def test_a_paper_that_is_no_form_of_ours_can_be_put_away(desk: SignIn, sqlite_database: str) -> None:
    letter = bare(form=None, reason="unknown_form")
    ewa = desk()
    ewa.post(f"/biuro/sprawy/{letter}/zajmij")
    assert decide(ewa, letter, "nie-nasz")[0] == 303
    with transaction() as session:
        document = loading.load(session, letter)
    assert (document.state, document.reason_code) == ("rejected", "not_ours")


def test_a_tracking_number_that_is_none_is_told_as_such(desk: SignIn) -> None:
    assert desk().browser.get("/biuro/sprawy/K7M4-PX9B").status_code == 404


def test_a_note_is_kept_without_a_sign_that_no_database_takes(desk: SignIn, doubtful: str) -> None:
    ewa = desk()
    ewa.post(f"/biuro/sprawy/{doubtful}/zajmij")
    decide(ewa, doubtful, "kierownik", notatka="Czy to\0 ona?")
    with transaction() as session:
        assert loading.load(session, doubtful).desk_note == "Czy to ona?"
