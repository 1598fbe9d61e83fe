"""The review desk as a clerk works at it: by keyboard, beside a colleague, without scripts."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect

from benchmarks import office
from benchmarks.office import Paper
from confirmations import outbox
from database.engine import transaction
from documents import loading
from documents.values import submission_of
from tests.browser.conftest import Axe, SignedIn, listening, seen, still_held
from tests.review.papers import leases_run_out

LOOKED_AT = "Sprawdź: 2 pola"


def _state(tracking: str) -> tuple[str, str | None]:
    with transaction() as session:
        document = loading.load(session, tracking)
        return document.state, document.reason_code


def _in_force(tracking: str, field: str) -> object:
    with transaction() as session:
        return submission_of(session, loading.load(session, tracking)).value(field)


def _round_trips(page: Page) -> list[str]:
    """Pages asked for from now on, as method and path; a POST and the page it leads to are one round trip."""
    asked: list[str] = []

    def note(request: Request) -> None:
        to_see = request.resource_type == "document" and request.redirected_from is None
        if request.method == "POST" and not request.url.endswith("/przedluz"):
            asked.append("POST")
        elif to_see and asked[-1:] != ["POST"]:
            asked.append(request.method)

    page.on("request", note)
    return asked


def _take_next(page: Page) -> None:
    """From the queue to the next document, which is ready to be typed in."""
    page.goto("/biuro/")
    listening(page)
    page.get_by_role("button", name="Weź następną sprawę").press("Enter")
    expect(page.get_by_role("button", name="Skróty klawiaturowe")).to_be_visible()
    seen(page)


def _press(page: Page, *keys: str) -> int:
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def test_two_doubts_are_settled_with_two_keys_and_one_round_trip(signed_in: SignedIn, axe: Axe) -> None:
    first = office.waiting(Paper(doubtful=("email", "date_signed")))
    second = office.waiting(Paper(person=1, read={"email": "pomylka@exarnple.com"}, doubtful=("date_signed",)))
    page = signed_in("ewa")
    page.goto("/biuro/")
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator("#email")).to_be_focused()
    seen(page)
    axe(page)
    asked = _round_trips(page)
    assert _press(page, "Enter") == 1
    expect(page.locator("#date_signed")).to_be_focused()
    assert _press(page, "Enter") == 1
    expect(page.get_by_role("link", name=second)).to_be_visible()
    assert asked == ["POST"]
    assert _state(first) == ("ready", None)
    expect(page.locator("#email")).to_be_focused()
    seen(page)
    page.keyboard.type("poprawny@example.com")
    _press(page, "Enter", "Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _in_force(second, "email") == "poprawny@example.com"
    assert office.worked_off(second) == "confirmed"
    assert len(office.mails_to("poprawny@example.com")) == 1


def test_the_picture_follows_the_field_and_is_enlarged_by_keys_which_the_help_lists(
    signed_in: SignedIn, axe: Axe
) -> None:
    office.waiting(Paper(doubtful=("email", "date_signed")))
    page = signed_in("ewa")
    _take_next(page)
    leaf, place = page.locator(".leaf"), page.locator(".place")
    expect(place).to_be_in_viewport()
    before, width = place.bounding_box(), leaf.bounding_box()
    assert before is not None
    assert width is not None
    page.keyboard.press("Enter")
    after = place.bounding_box()
    assert after is not None
    assert after["width"] != before["width"]
    page.keyboard.press("Alt+Equal")
    wider = leaf.bounding_box()
    assert wider is not None
    assert wider["width"] > width["width"]
    page.keyboard.press("Alt+0")
    assert leaf.bounding_box() == width
    page.keyboard.press("F1")
    expect(page.get_by_role("dialog", name="Skróty klawiaturowe")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.locator("#date_signed")).to_be_focused()


def test_a_candidate_of_the_register_is_one_key_away(signed_in: SignedIn, axe: Axe) -> None:
    right = office.people()[2]["customer_no"]
    wrong = right[:3] + str((int(right[3]) + 1) % 10) + right[4:]
    tracking = office.waiting(Paper(person=2, read={"customer_no": wrong}, doubtful=("email",)))
    page = signed_in("ewa")
    _take_next(page)
    expect(page.get_by_role("group", name="Czy to ten klient?")).to_contain_text("numer różni się jednym znakiem")
    axe(page)
    page.keyboard.press("Alt+1")
    expect(page.get_by_text("Sprawdź: 1 pole")).to_be_visible()
    expect(page.locator("#email")).to_be_focused()
    seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert (_in_force(tracking, "customer_no"), _state(tracking)[0]) == (right, "ready")


def test_what_differs_from_the_register_stands_beside_it_and_goes_through_with_a_tick(
    signed_in: SignedIn, axe: Axe
) -> None:
    tracking = office.waiting(Paper(person=1, doubtful=(), written={"name": "Kazimierz Inny"}))
    page = signed_in("ewa")
    _take_next(page)
    expect(page.get_by_text("W rejestrze", exact=True)).to_be_visible()
    _press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Popraw pola albo zaznacz")
    expect(page.get_by_label("Przyjmij mimo to")).to_be_focused()
    axe(page)
    _press(page, "Space", "Enter")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _state(tracking) == ("ready", "mismatch_name")


def test_the_message_of_a_rejection_is_shown_before_it_goes(signed_in: SignedIn, axe: Axe) -> None:
    person = office.people()[4]
    paper = Paper("ebok_signup", 4, doubtful=("email",), written={"signature": False})
    tracking = office.waiting(paper)
    page = signed_in("ewa")
    _take_next(page)
    page.keyboard.press("Alt+o")
    expect(page.get_by_label("Brak własnoręcznego podpisu")).to_be_checked()
    shown = page.get_by_role("article", name="E-mail")
    expect(shown).to_contain_text("Brakuje podpisu na formularzu")
    axe(page)
    seen(page)
    page.get_by_label("Twoje słowa do klienta").fill("Zapraszamy do okienka nr 3.")
    page.keyboard.press("Alt+o")  # other words than those shown: shown first, not sent
    expect(shown).to_contain_text("okienka nr 3")
    assert _state(tracking)[0] == "in_review"
    seen(page)
    page.keyboard.press("Alt+o")
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _state(tracking) == ("rejected", "missing_signature")
    outbox.deliver(transaction)
    [mail] = office.mails_to(str(person["email"]))
    body = mail.get_body(("plain",))
    assert body is not None
    assert "okienka nr 3" in body.get_content()


def test_a_key_held_down_decides_nothing_about_the_page_that_comes(signed_in: SignedIn) -> None:
    papers = [Paper(doubtful=("date_signed",)), Paper(person=1, doubtful=("date_signed",))]
    papers.append(Paper("ebok_signup", 4, doubtful=("email",), written={"signature": False}))
    first, second, unsigned = [office.waiting(paper) for paper in papers]
    page = signed_in("ewa")
    _take_next(page)
    asked = _round_trips(page)
    page.keyboard.down("Enter")
    expect(page.get_by_role("link", name=second)).to_be_visible()
    still_held(page, "Enter")
    seen(page)
    assert _press(page, "Enter") == 1
    expect(page.get_by_role("link", name=unsigned)).to_be_visible()
    assert asked == ["POST", "POST"]
    assert (_state(first)[0], _state(second)[0], _state(unsigned)[0]) == ("ready", "ready", "in_review")
    listening(page)
    page.keyboard.down("Alt")
    page.keyboard.down("o")
    expect(page.get_by_role("article", name="E-mail")).to_be_visible()
    still_held(page, "o")
    page.keyboard.up("Alt")
    seen(page)
    page.get_by_label("Twoje słowa do klienta").fill("Zapraszamy.")
    page.keyboard.press("Alt+o")
    expect(page.get_by_role("article", name="E-mail")).to_contain_text("Zapraszamy.")
    assert _state(unsigned)[0] == "in_review"


def test_the_second_of_two_quick_clicks_decides_nothing_about_the_page_that_comes(signed_in: SignedIn) -> None:
    tracking = office.waiting(Paper(doubtful=("date_signed",)))
    page = signed_in("ewa")
    _take_next(page)
    asked = _round_trips(page)
    approve = page.get_by_role("button", name="Zatwierdź")
    approve.hover()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    assert _press(page, "Alt+o") == 1
    expect(page.get_by_role("heading", name="Odrzucenie")).to_be_visible()
    assert asked == ["POST"]
    assert _state(tracking)[0] == "in_review"


def test_two_clerks_do_not_overwrite_each_other_and_nothing_typed_is_lost(signed_in: SignedIn, axe: Axe) -> None:
    tracking = office.waiting(Paper(doubtful=("email",)))
    ewa, olga = signed_in("ewa"), signed_in("olga")
    _take_next(ewa)
    expect(ewa.locator("#email")).to_be_focused()
    olga.goto(f"/biuro/sprawy/{tracking}")
    expect(olga.get_by_text("Tę sprawę sprawdza teraz Ewa Kwiatek")).to_be_visible()
    axe(olga)
    leases_run_out()
    olga.reload()
    olga.get_by_role("button", name="Weź tę sprawę").click()
    expect(olga.locator("#email")).to_be_focused()
    ewa.keyboard.type("wpisane@example.com")
    ewa.keyboard.press("Enter")
    expect(ewa.get_by_role("alert")).to_contain_text("Olga Zielińska")
    expect(ewa.get_by_text("wpisane@example.com")).to_be_visible()
    axe(ewa)
    seen(olga)
    olga.keyboard.press("Enter")
    expect(olga.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert _in_force(tracking, "email") == office.people()[0]["email"]


def test_without_scripts_the_desk_is_a_plain_form_in_which_enter_decides_nothing(signed_in: SignedIn, axe: Axe) -> None:
    tracking = office.waiting(Paper(doubtful=("email", "date_signed")))
    page = signed_in("ewa", width=360, script=False)
    page.goto("/biuro/")
    axe(page)
    page.get_by_role("button", name="Weź następną sprawę").click()
    expect(page.get_by_role("heading", name=LOOKED_AT)).to_be_visible()
    for dead in ("Skróty klawiaturowe", "Powiększ", "Obróć"):
        expect(page.get_by_role("button", name=dead)).to_be_hidden()
    axe(page)
    page.get_by_label("Adres e-mail").fill("inny@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sprawdź: 1 pole")).to_be_visible()
    assert _state(tracking)[0] == "in_review"
    page.get_by_role("button", name="Zatwierdź").click()
    expect(page.get_by_text("Kolejka jest pusta")).to_be_visible()
    assert (_state(tracking)[0], _in_force(tracking, "email")) == ("ready", "inny@example.com")
