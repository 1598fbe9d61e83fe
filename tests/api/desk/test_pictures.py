"""Pictures of documents: right, private to the signed-in staff, and never stale after a page was turned."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from access.tables import Try
from benchmarks import office
from benchmarks.office import Paper
from database.engine import transaction
from documents import loading, summaries
from documents.originals import chunks_of
from environment import clock
from review import pages, queue
from review.queue import Clerk
from tests.api.desk.staff import Desk, browser
from tests.asked import asked

OpenDesk = Callable[..., Desk]


@pytest.fixture
def tracking(sqlite_database: str) -> str:
    office.fill_register()
    return office.waiting(Paper())


def test_a_document_is_seen_page_by_page_and_field_by_field(desk: OpenDesk, tracking: str) -> None:
    talking = desk().browser
    page = talking.get(f"/biuro/sprawy/{tracking}/strona/1.jpg")
    assert (page.status_code, page.headers["content-type"]) == (200, "image/jpeg")
    assert page.headers["cache-control"].startswith("private")
    assert Image.open(io.BytesIO(page.content)).size == (1400, 1980)
    assert Image.open(io.BytesIO(talking.get(f"/biuro/sprawy/{tracking}/miniatura/1.jpg").content)).size[0] == 280
    crop = talking.get(f"/biuro/sprawy/{tracking}/pole/name.png")
    wide, high = Image.open(io.BytesIO(crop.content)).size
    assert (crop.headers["content-type"], wide > 3 * high) == ("image/png", True)

    mark = {"If-None-Match": page.headers["etag"]}
    assert talking.get(f"/biuro/sprawy/{tracking}/strona/1.jpg", headers=mark).status_code == 304
    ola = Clerk("ola")
    with transaction() as session:
        queue.claim(session, tracking, ola)
        pages.rotate(session, tracking, ola, page=1, quarter_turns=1)
    turned = talking.get(f"/biuro/sprawy/{tracking}/strona/1.jpg", headers=mark)
    assert turned.status_code == 200
    assert Image.open(io.BytesIO(turned.content)).size == (1400, 990)


@pytest.mark.parametrize("address", ["strona/1.jpg", "miniatura/1.jpg", "pole/name.png", "oryginal"])
def test_what_is_asked_for_by_its_number_is_loaded_once(desk: OpenDesk, tracking: str, address: str) -> None:
    talking = desk().browser
    with asked() as statements:
        assert talking.get(f"/biuro/sprawy/{tracking}/{address}").status_code == 200
    loaded = [each for each in statements if "FROM documents WHERE documents.tracking = ?" in each]
    assert len(loaded) == 1, loaded


@pytest.mark.parametrize(
    "address",
    ["", "/strona/1.jpg", "/pole/name.png", "/oryginal", "/historia", "/strony", "/odrzucenie"],
)
def test_a_number_that_no_case_has_is_told_as_that(desk: OpenDesk, tracking: str, address: str) -> None:
    talking = desk().browser
    for number in ("K7M4-PX9A", "K7M4-PX9B", "nic"):  # no such case, a wrong check letter, none at all
        answer = talking.get(f"/biuro/sprawy/{number}{address}")
        assert (answer.status_code, "Nie ma takiej sprawy" in answer.text) == (404, True)


@pytest.mark.parametrize(
    "address", ["", "/zajmij", "/przedluz", "/historia", "/historia/otworz", "/historia/odnosnik", "/odrzucenie"]
)
def test_nothing_is_done_to_a_case_that_there_is_not(desk: OpenDesk, tracking: str, address: str) -> None:
    answer = desk().post(f"/biuro/sprawy/K7M4-PX9A{address}", widziano="x", co="odrzuc", powod_odrzucenia="x")
    assert (answer.status_code, "Nie ma takiej sprawy" in answer.text) == (404, True)


@pytest.mark.parametrize("address", ["strona/2.jpg", "strona/0.jpg", "pole/nie_ma.png", "strona/x.jpg"])
def test_what_is_not_there_is_not_found(desk: OpenDesk, tracking: str, address: str) -> None:
    assert desk().browser.get(f"/biuro/sprawy/{tracking}/{address}").status_code in (404, 422)


def test_what_was_looked_at_lately_waits_for_nobody_who_writes(desk: OpenDesk, tracking: str) -> None:
    talking = desk().browser
    seen = [
        f"/biuro/sprawy/{tracking}/strona/1.jpg",
        f"/biuro/sprawy/{tracking}/pole/name.png",
        f"/biuro/sprawy/{tracking}/historia",
        f"/biuro/sprawy/{tracking}/strony",
        "/biuro/",
        "/biuro/do-wyjasnienia",
        "/biuro/kontrola",
    ]
    for address in seen:
        assert talking.get(address).status_code == 200, address
    with transaction() as writing:
        writing.add(Try(key_digest="somebody who writes", at=clock.now()))
        writing.flush()
        assert [talking.get(address).status_code for address in seen] == [200] * len(seen)


def test_a_web_form_has_no_picture_but_an_original(desk: OpenDesk, sqlite_database: str) -> None:
    office.fill_register()
    tracking = office.online("einvoice_withdrawal")
    talking = desk().browser
    assert talking.get(f"/biuro/sprawy/{tracking}/strona/1.jpg").status_code == 404
    assert talking.get(f"/biuro/sprawy/{tracking}/oryginal").status_code == 200


def test_the_original_is_handed_out_as_it_came_and_by_whom_is_kept(desk: OpenDesk, tracking: str) -> None:
    got = desk().browser.get(f"/biuro/sprawy/{tracking}/oryginal")
    with transaction() as session:
        document = loading.load(session, tracking)
        told = summaries.story(session, tracking)["audit"]
    assert document.original_sha256 is not None
    assert got.content == b"".join(chunks_of(document.original_sha256))
    assert got.headers["content-disposition"] == f'attachment; filename="{tracking}.pdf"'
    assert [(entry["actor"], entry["action"]) for entry in told][-1] == ("clerk:ola", "original_handed_out")


@pytest.mark.parametrize("address", ["strona/1.jpg", "miniatura/1.jpg", "pole/name.png", "oryginal", "strony"])
def test_strangers_see_nothing(tracking: str, address: str) -> None:
    answer = browser().get(f"/biuro/sprawy/{tracking}/{address}", follow_redirects=False)
    assert answer.status_code in (303, 401)
    assert answer.content == b""
