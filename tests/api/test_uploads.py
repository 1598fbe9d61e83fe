"""Files sent by customers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from threading import Event, Semaphore

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api import receiving
from api.app import FILE_OPENERS
from api.bodies import MULTIPART_OVERHEAD
from database.engine import transaction
from documents.loading import load
from documents.originals import chunks_of
from documents.splitting import FoundForm, split
from documents.summaries import list_documents
from environment.settings import get_settings
from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens.files import image_pdf
from specimens.scanner import scan
from tests.api.pictures import picture

UPLOADS = "/api/v1/uploads"


def send(client: TestClient, data: bytes, name: str = "skan.pdf", **headers: str) -> Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    answer: Response = client.post(UPLOADS, files={"file": (name, data)}, headers=named)
    return answer


@pytest.mark.parametrize("kind", ["PDF", "TIFF", "JPEG", "PNG"])
def test_a_file_is_taken_whatever_its_name_says(lone_client: TestClient, kind: str) -> None:
    answer = send(lone_client, picture(kind), name="zdjęcie formularza.docx")

    taken = answer.json()
    assert answer.status_code == 202, taken
    assert taken["state"] == "received"
    assert taken["duplicate_of"] is None
    assert answer.headers["location"] == taken["status_url"]


def test_the_original_is_in_the_store_before_the_sender_is_told(client: TestClient) -> None:
    filled = draw_fillable(form_by_code("einvoice_withdrawal"), {"customer_no": "10000001"})
    tracking = send(client, filled, name="mój formularz.pdf").json()["tracking"]

    with transaction() as session:
        document = load(session, tracking)
    assert document.channel == "upload"
    assert document.file_name == "mój formularz.pdf"
    assert document.original_sha256 is not None
    assert b"".join(chunks_of(document.original_sha256)) == filled


def _unfilled() -> list[bytes]:
    form = form_by_code("einvoice_withdrawal")
    case = Path(__file__).parent.parent / "cases" / "office" / "unfilled-fillable.pdf"
    return [case.read_bytes(), draw_blank(form), image_pdf(scan(draw_blank(form), "gray200", 3))]


@pytest.mark.parametrize("number", range(3))
def test_a_form_without_an_entry_is_told_so_at_once_to_everybody_and_is_nobody_s_case(
    client: TestClient, number: int
) -> None:
    blank = _unfilled()[number]
    for _ in range(2):
        answer = send(client, blank)
        assert answer.status_code == 422
        (problem,) = answer.json()["problems"]
        assert problem["code"] == "blank_form"
        assert "pusty" in problem["message"]
        assert "duplicate" not in answer.text
    shown = client.post("/wyslij", files={"file": ("formularz.pdf", blank)}, data={"key": "k1"})
    assert shown.status_code == 422
    assert "Ten formularz jest pusty" in unescape(shown.text).replace("\N{NO-BREAK SPACE}", " ")
    with transaction() as session:
        assert list_documents(session) == ()


def test_what_was_read_and_asks_for_nothing_is_no_case_that_the_next_sender_is_told_of(client: TestClient) -> None:
    first = send(client, picture()).json()["tracking"]
    with transaction() as session:
        split(session, load(session, first), [FoundForm(None, None, (1,), None, "scan")])
    again = send(client, picture())
    assert again.status_code == 202
    assert again.json()["duplicate_of"] is None
    assert first not in again.text


def test_the_same_bytes_again_are_told_as_duplicate_of_the_first(client: TestClient) -> None:
    first = send(client, picture()).json()
    again = send(client, picture(), name="inna nazwa.png")

    assert again.status_code == 200
    assert again.json()["state"] == "duplicate"
    assert again.json()["duplicate_of"] == first["tracking"]


def test_the_same_key_and_file_give_the_same_answer(client: TestClient) -> None:
    first = send(client, picture(), idempotency_key="telefon-1")
    again = send(client, picture(), idempotency_key="telefon-1")

    assert (again.status_code, again.json()) == (first.status_code, first.json())


def test_of_one_file_sent_many_times_at_once_one_is_taken(client: TestClient) -> None:
    with ThreadPoolExecutor(6) as senders:
        answers = list(senders.map(lambda number: send(client, picture(), name=f"{number}.png"), range(6)))

    taken = [answer.json()["tracking"] for answer in answers if answer.status_code == 202]
    assert len(taken) == 1
    again = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(again) == 5
    assert {told["duplicate_of"] for told in again} == set(taken)


def test_the_same_key_with_another_file_is_a_conflict(client: TestClient) -> None:
    send(client, picture(), idempotency_key="telefon-1")
    answer = send(client, picture(color=10), idempotency_key="telefon-1")

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (b"tekst, nie dokument", 415, "unknown_format"),
        (b"PK\x03\x04" + bytes(500), 415, "unknown_format"),
        (b"<html><script>alert(1)</script></html>", 415, "unknown_format"),
        (picture("PDF")[:-400], 422, None),
        (picture("JPEG")[:-400], 422, "truncated"),
        (picture("PNG")[:-40], 422, "truncated"),
        (b"%PDF-1.7\n" + b"\x00" * 2000, 422, None),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_once_and_not_kept(
    lone_client: TestClient, home: Path, data: bytes, status: int, code: str | None
) -> None:
    answer = send(lone_client, data)

    told = answer.json()
    assert answer.status_code == status, told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["problems"][0]["field"] == "file"
    assert code in (None, told["problems"][0]["code"])
    assert told["detail"].endswith(".")
    assert not [path for path in get_settings().originals.rglob("*") if path.is_file()]


def test_a_file_with_too_many_pages_is_refused(lone_client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_MAX_PAGES", "2")
    get_settings.cache_clear()

    answer = send(lone_client, picture("TIFF", pages=3))

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "too_many_pages"


def test_a_sender_is_asked_to_come_back_while_the_store_of_originals_is_away(
    lone_client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_ORIGINALS_URL", str(tmp_path / "away"))
    get_settings.cache_clear()

    answer = send(lone_client, picture("PNG"))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "nic nie zostało zapisane" in answer.json()["detail"]


@pytest.mark.parametrize("extra", [1, MULTIPART_OVERHEAD, 5_000_000])
def test_a_file_over_the_limit_is_refused(lone_client: TestClient, monkeypatch: pytest.MonkeyPatch, extra: int) -> None:
    monkeypatch.setenv("EBOK_MAX_UPLOAD_BYTES", "2097152")
    get_settings.cache_clear()

    answer = send(lone_client, b"%PDF-1.7" + bytes(2_097_152 - 8 + extra))

    assert answer.status_code == 413
    assert "2 MB" in answer.json()["detail"]


def test_a_file_without_declared_length_is_stopped_at_the_limit(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_MAX_UPLOAD_BYTES", "100000")
    get_settings.cache_clear()

    def endless() -> object:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        for _ in range(1000):
            yield bytes(4096)

    answer = lone_client.post(
        UPLOADS,
        content=endless(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert answer.status_code == 413


def part(disposition: bytes, content: bytes = b"a") -> bytes:
    return b"--x\r\nContent-Disposition: form-data" + disposition + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/pdf", b"%PDF-1.7", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=", b"x", 400),
        ("multipart/form-data; boundary=x", b"", 422),
        ("multipart/form-data; boundary=x", b"ala ma kota", 400),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422),
        ("multipart/form-data; boundary=x", part(b"") + b"--x--\r\n", 400),
        ("multipart/form-data; boundary=x", part(b'; name="file"') + b"--x--\r\n", 422),
        ("multipart/form-data; boundary=x", part(b'; name="file"; filename="\xff"') + b"--x--\r\n", 415),
        ("multipart/form-data; boundary=x", part(b'; name="plik"; filename="a"') + b"--x--\r\n", 422),
        ("multipart/form-data; boundary=x", part(b'; name="file"; filename="a"') * 20 + b"--x--\r\n", 400),
        ("multipart/form-data; boundary=x", part(b'; name="a"') * 20 + b"--x--\r\n", 400),
        ("multipart/form-data; boundary=x; charset=nic", part(b'; name="a"') + b"--x--\r\n", 415),
    ],
)
def test_a_body_that_is_no_upload_is_refused_with_a_problem(
    lone_client: TestClient, kind: str, body: bytes, status: int
) -> None:
    answer = lone_client.post(UPLOADS, content=body, headers={"Content-Type": kind})

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Starlette leaves its part open
def test_an_upload_that_breaks_off_is_refused(lone_client: TestClient) -> None:
    answer = lone_client.post(
        UPLOADS,
        content=part(b'; name="file"; filename="a.pdf"', picture("PDF")[:3000]),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )

    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "missing"


def test_two_files_at_once_are_refused(lone_client: TestClient) -> None:
    answer = lone_client.post(UPLOADS, files=[("file", ("a", picture())), ("file", ("b", picture(color=10)))])

    assert 400 <= answer.status_code < 500


def _at(client: TestClient, address: str) -> TestClient:
    """The same application, asked from another address."""
    other = TestClient(client.app, base_url="http://ebok.example", client=(address, 50_000))
    other.portal = client.portal
    return other


def test_who_sends_many_files_that_take_long_keeps_no_other_sender_waiting(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_DOOR_WAIT_SECONDS", "20")
    get_settings.cache_clear()
    held, over = Semaphore(0), Event()

    def slow(path: Path) -> bool:
        if path.read_bytes().startswith(b"%PDF"):
            held.release()
            assert over.wait(60)
        return True

    monkeypatch.setattr(receiving, "check_whole", slow)
    with ThreadPoolExecutor(10) as senders:
        attacker = _at(lone_client, "2001:db8::1")
        slow_ones = [senders.submit(send, attacker, picture("PDF") + b" " * number) for number in range(6)]
        assert held.acquire(timeout=60)
        try:
            for number in range(3):
                quick = send(_at(lone_client, f"203.0.113.{number}"), picture("PNG") + b" " * number)
                assert quick.status_code == 202
            same_network = senders.submit(send, _at(lone_client, "2001:db8::2"), picture("JPEG"))
            assert not held.acquire(timeout=0.2)
            assert not same_network.done()
        finally:
            over.set()
        assert [one.result().status_code for one in slow_ones] == [202] * 6
        assert same_network.result().status_code == 202


def test_who_would_wait_too_long_is_told_to_come_again_and_nothing_is_kept(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_DOOR_WAIT_SECONDS", "0.2")
    get_settings.cache_clear()
    held, over = Semaphore(0), Event()

    def slow(path: Path) -> bool:
        held.release()
        assert over.wait(60)
        return True

    monkeypatch.setattr(receiving, "check_whole", slow)
    with ThreadPoolExecutor() as senders:
        slow_ones = [
            senders.submit(send, _at(lone_client, f"203.0.113.{number}"), picture("PNG") + b" " * number)
            for number in range(FILE_OPENERS)
        ]
        for _ in slow_ones:
            assert held.acquire(timeout=60)
        late = send(lone_client, picture("JPEG"))
        page = lone_client.post("/wyslij", files={"file": ("a.jpg", picture("JPEG"))}, headers={"Accept": "text/html"})
        over.set()
        assert [one.result().status_code for one in slow_ones] == [202] * FILE_OPENERS
    assert late.status_code == 429
    assert late.headers["retry-after"] == "120"
    assert "wyślij" in late.json()["detail"]
    assert page.status_code == 429
    assert "Teraz sprawdzamy zbyt wiele plików" in unescape(page.text)
    assert send(lone_client, picture("JPEG")).status_code == 202
    with transaction() as session:
        assert len(list_documents(session)) == FILE_OPENERS + 1
