"""Bodies that are no form: refused in one shape, never with a 500."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from api.bodies import JSON_LIMIT
from forms.catalogue import current_forms
from forms.form import Form

WITHDRAWAL = "/api/v1/forms/einvoice_withdrawal/submissions"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"{'name': 'A'}", 400),
        (b'{"name": "A"} x', 400),
        (b'{"name": NaN}', 400),
        (b'{"name": -Infinity}', 400),
        (b'{"name": "\xff\xfe"}', 400),
        ('{"name": "A"}'.encode("utf-16"), 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"\\udfff": "A"}', 400),
        (b'{"name": ' + b"9" * 6000 + b"}", 400),
        (b'{"name": 1e99999}', 422),
        (b'{"accept_terms": ' + b"9" * 4000 + b"}", 422),
        (b'{"name": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"tekst"', 422),
        (b"12", 422),
        (b'{"name": "A", "name": "B"}', 422),
        (json.dumps({f"pole{number}": "x" for number in range(2000)}).encode(), 422),
        (b"{" + b",".join(b'"a":1' for _ in range(9000)) + b"}", 422),
        (b'{"name": "' + b"A" * JSON_LIMIT + b'"}', 413),
    ],
)
def test_a_body_that_is_no_form_is_refused_with_a_problem(lone_client: TestClient, body: bytes, status: int) -> None:
    answer = lone_client.post(WITHDRAWAL, content=body, headers=JSON)

    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert len(answer.content) < 4 * JSON_LIMIT


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""])
def test_a_body_that_is_not_marked_as_json_is_refused(lone_client: TestClient, kind: str) -> None:
    answer = lone_client.post(WITHDRAWAL, content=b"{}", headers={"Content-Type": kind})

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/uploads", "/wyslij", "/sprawa", "/haslo", "/biuro/logowanie"])
@pytest.mark.parametrize("charset", ["punycode", "undefined", "utf-7", "UTF-16", '"unicode\\_escape"', "''", "żółw"])
def test_a_form_in_parts_that_are_written_in_a_code_of_its_own_is_not_decoded(
    lone_client: TestClient, path: str, charset: str
) -> None:
    names = ("file", "login", "haslo", "email", "tracking", "secret")
    head = b'--part\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
    body = b"".join(head % name.encode() + b"+2AA-\\ud800\r\n" for name in names) + b"--part--\r\n"
    declared = f"multipart/form-data; boundary=part; charset={charset}".encode()

    answer = lone_client.post(path, content=body, headers={"Content-Type": declared})

    assert answer.status_code == 415, answer.text


def test_a_form_in_parts_may_say_that_it_is_in_utf_8(lone_client: TestClient) -> None:
    body = b'--part\r\nContent-Disposition: form-data; name="email"\r\n\r\njanina@poczta.example\r\n--part--\r\n'

    answer = lone_client.post(
        "/haslo",
        content=body,
        headers={"Content-Type": "multipart/form-data; charset=UTF-8; boundary=part"},
        follow_redirects=False,
    )

    assert answer.headers["location"] == "/haslo/wyslano"


def test_a_body_without_declared_length_is_stopped_at_the_limit(lone_client: TestClient) -> None:
    read = []

    def endless() -> object:
        for number in range(1000):
            read.append(number)
            yield b" " * 4096

    answer = lone_client.post(WITHDRAWAL, content=endless(), headers=JSON)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nic", 404),
        ("GET", "/api/v1/submissions/", 404),
        ("DELETE", "/api/v1/forms", 405),
        ("GET", WITHDRAWAL, 405),
        ("POST", "/api/v1/forms/%00/submissions", 404),
        ("POST", f"/api/v1/forms/{'x' * 3000}/submissions", 404),
    ],
)
def test_what_does_not_exist_is_refused_in_the_same_shape(
    lone_client: TestClient, method: str, path: str, status: int
) -> None:
    answer = lone_client.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]


NASTY = [
    "",
    " ",
    "\x00",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\u2028",
    "A" * 60_000,
    "0" * 11,
    "0" * 9,
    "٣٤٥٦٧٨٩٠",
    "１２３４５６７８",
    "²³",
    "PL",
    "+48",
    "0048123456789",
    "+48 +48 600700800",
    "31.02.2026",
    "0000-00-00",
    "99.99.9999",
    "12.XIII.2026",
    "1.IIII.2026",
    "9999-12-31",
    "0001-01-01",
    "roku",
    "@",
    "a@b",
    "a@[127.0.0.1]",
    "a@xn--a.pl",
    "a@b..pl",
    "a" * 64 + "@b.pl",
    '"a b"@example.com',
    "a@example.com\r\nBcc: b@example.com",
    "ß" * 20,
    "İ" * 5,
    "ǰ",
    "e\u0301" * 30,
    "💧",
    "'; DROP TABLE",
    "{{ 7 * 7 }}",
    "%s%n",
    "../../x",
    0,
    -1,
    1.5,
    1e308,
    10**1000,
    True,
    False,
    None,
    [],
    {},
    [[]],
    {"a": 1},
    ["tak"],
]


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
def test_no_value_in_all_fields_of_any_form_is_a_fault_of_ours(lone_client: TestClient, form: Form) -> None:
    for value in NASTY:
        body = {item.name: value for item in form.fields if not item.on_paper_only}

        answer = lone_client.post(f"/api/v1/forms/{form.code}/submissions", json=body)

        assert answer.status_code == (413 if value == "A" * 60_000 else 422), (value, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["name", "flat", "email_current"])
def test_no_value_in_one_field_is_a_fault_of_ours(
    lone_client: TestClient, values: dict[str, object], name: str
) -> None:
    for value in NASTY:
        answer = lone_client.post(WITHDRAWAL, json={**values, name: value})

        assert answer.status_code in (202, 422), (value, answer.text)


@pytest.mark.parametrize("address", ["/biuro/?formularz=%00", "/?a=b&c=x%00"])
def test_a_question_with_a_sign_that_no_database_takes_is_no_fault_of_ours(
    lone_client: TestClient, address: str
) -> None:
    answer = lone_client.get(address, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert "Otwórz stronę od początku" in answer.text.replace("\N{NO-BREAK SPACE}", " ")
