"""Files sent on the page: one document at once, never twice, refused with cause and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.bodies import MULTIPART_OVERHEAD
from api.sending import MOST_PHOTOS
from database.engine import transaction
from documents.loading import load
from documents.originals import chunks_of
from documents.summaries import list_documents
from environment.settings import get_settings
from ocr.files.opening import open_pages
from tests.api.pictures import picture


def send(client: TestClient, *files: bytes, key: str = "k1", script: bool = False) -> Response:
    answer: Response = client.post(
        "/wyslij",
        files=[("file", (f"zdjęcie {number}", data)) for number, data in enumerate(files, 1)],
        data={"key": key},
        headers={"Accept": "application/json" if script else "text/html"},
        follow_redirects=False,
    )
    return answer


def taken() -> list[str]:
    with transaction() as session:
        return [document.tracking for document in list_documents(session)]


def test_a_file_leads_to_the_page_of_its_case_which_only_its_sender_sees(client: TestClient) -> None:
    answer = send(client, picture("PDF"))

    (tracking,) = taken()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sprawa/{tracking}")
    assert "Co dalej" in client.get(f"/sprawa/{tracking}").text
    client.cookies.clear()
    assert "Co dalej" not in client.get(f"/sprawa/{tracking}").text


def test_several_photos_are_the_pages_of_one_document_in_their_order(lone_client: TestClient, tmp_path: Path) -> None:
    send(lone_client, picture("JPEG", color=40), picture("PNG", color=120), picture("JPEG", color=220))

    (tracking,) = taken()
    with transaction() as session:
        document = load(session, tracking)
    assert document.file_name == "zdjęcie 1, zdjęcie 2, zdjęcie 3"
    assert document.original_sha256 is not None
    path = tmp_path / "joined.pdf"
    path.write_bytes(b"".join(chunks_of(document.original_sha256)))
    with open_pages(path) as pages:
        grays = [round(float(pages.page(number).picture.mean())) for number in (1, 2, 3)]
    assert [abs(seen - sent) < 4 for seen, sent in zip(grays, (40, 120, 220), strict=True)] == [True] * 3


def test_the_same_request_again_is_the_same_case_and_other_files_are_another(client: TestClient) -> None:
    photos = picture("JPEG"), picture("JPEG", color=90)
    first, again = send(client, *photos), send(client, *photos)

    assert again.headers["location"] == first.headers["location"]
    assert len(taken()) == 1
    assert send(client, *reversed(photos)).headers["location"] != first.headers["location"]


def test_the_same_file_from_a_new_page_is_told_as_repetition(lone_client: TestClient) -> None:
    first = send(lone_client, picture()).headers["location"]
    again = send(lone_client, picture(), key="k2").headers["location"]

    shown = lone_client.get(again).text
    assert again != first
    assert f'href="{first}"' in shown


def test_the_script_is_told_where_to_go_or_what_is_wrong(lone_client: TestClient) -> None:
    right = send(lone_client, picture(), script=True)
    wrong = send(lone_client, b"tekst", script=True)

    assert right.json() == {"place": f"/sprawa/{taken()[0]}"}
    assert "set-cookie" in right.headers
    assert (wrong.status_code, wrong.headers["content-type"]) == (415, "application/problem+json")
    assert wrong.json()["problems"][0]["code"] == "unknown_format"


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([], 422, "Wybierz plik"),
        ([b""], 422, "Plik jest pusty"),
        ([b"tekst, nie dokument"], 415, "To nie jest plik PDF"),
        ([picture("JPEG"), picture("JPEG")[:-400]], 422, "Zdjęcie 2: Plik jest niepełny"),
        ([picture("JPEG"), picture("PDF")], 422, "Plik PDF albo TIFF wyślij osobno"),
        ([picture("JPEG")] * (MOST_PHOTOS + 1), 422, f"najwyżej {MOST_PHOTOS} zdjęć"),
        ([picture("JPEG")] * (MOST_PHOTOS + 2), 422, f"najwyżej {MOST_PHOTOS} zdjęć"),
    ],
)
def test_what_cannot_be_used_is_told_on_the_page_and_not_kept(
    lone_client: TestClient, home: Path, files: list[bytes], status: int, said: str
) -> None:
    answer = send(lone_client, *files)

    page = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert answer.status_code == status
    assert "<title>Błąd: " in page
    assert said in page
    assert taken() == []
    assert not [path for path in get_settings().originals.rglob("*") if path.is_file()]


@pytest.mark.parametrize("extra", [1, MULTIPART_OVERHEAD, 5_000_000])
def test_files_that_are_too_large_together_are_told_on_the_page(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch, extra: int
) -> None:
    monkeypatch.setenv("EBOK_MAX_UPLOAD_BYTES", "2097152")
    get_settings.cache_clear()

    answer = send(lone_client, b"%PDF-1.7" + bytes(1_048_576), bytes(1_048_568 + extra))

    assert answer.status_code == 413
    assert "najwyżej 2 MB" in answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_an_upload_that_broke_off_is_told_on_the_page(lone_client: TestClient) -> None:
    answer = lone_client.post(
        "/wyslij", content=b"x", headers={"Content-Type": "multipart/form-data; boundary=x", "Accept": "text/html"}
    )

    assert answer.status_code == 400
    assert "nie dotarł w całości" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
