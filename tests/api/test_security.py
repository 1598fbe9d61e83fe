"""Headers on every answer, faults without their insides, logs without secrets."""

from __future__ import annotations

import io
import logging
import re
import ssl
from pathlib import Path

import pytest
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from api.security import HideSecretPaths
from environment.settings import get_settings
from tests.api.desk.staff import PASSWORD, Desk, hire


@pytest.mark.parametrize("path", ["/healthz", "/nic", "/potwierdzenie/nic", "/api/v1/forms"])
def test_every_answer_carries_the_protecting_headers(lone_client: TestClient, path: str) -> None:
    headers = lone_client.get(path).headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("ebok.gmina.example", 200),
        ("EBOK.gmina.example:443", 200),
        ("biuro.gmina.example", 200),
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("obcy.example", 421),
        ("ebok.gmina.example.obcy.example", 421),
        ("ebok.gmina.example@obcy.example", 421),
        ("192.0.2.7", 421),
        ("[", 421),
        ("", 421),
    ],
)
def test_only_under_our_own_names_is_there_an_answer(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch, host: str, status: int
) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.gmina.example")
    monkeypatch.setenv("EBOK_ALLOWED_HOSTS", " Biuro.gmina.example ,")
    get_settings.cache_clear()
    page = lone_client.get("/sprawa", headers={"Host": host, "Accept": "text/html"})
    assert page.status_code == status
    if status == 421:
        assert "EBOK_ALLOWED_HOSTS" in page.text
        assert lone_client.get("/healthz", headers={"Host": host}).status_code == 200


def test_where_the_public_address_is_https_browsers_come_by_tls_only(
    lone_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "strict-transport-security" not in lone_client.get("/sprawa").headers
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()
    for path in ("/sprawa", "/nic", "/static/ebok.css", "/api/v1/forms"):
        assert "max-age=31536000" in lone_client.get(path).headers["strict-transport-security"]


def test_where_the_public_address_is_https_cookies_are_bound_to_this_host(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, values: dict[str, object]
) -> None:
    monkeypatch.setenv("EBOK_PUBLIC_URL", "https://ebok.example")
    get_settings.cache_clear()
    hire("ola")
    visitor = TestClient(create_app(), base_url="https://ebok.example", headers={"Accept": "text/html"})
    visitor.post("/biuro/logowanie", data={"login": "ola", "haslo": PASSWORD})
    assert visitor.get("/biuro/haslo", follow_redirects=False).status_code == 200
    assert {cookie.name: (cookie.path, cookie.secure) for cookie in visitor.cookies.jar} == {
        "__Host-ebok_biuro": ("/", True),
        "__Host-ebok_urzadzenie": ("/", True),
    }
    Desk(visitor).post("/biuro/wyloguj")
    assert "__Host-ebok_biuro" not in visitor.cookies

    tracking = visitor.post("/api/v1/forms/einvoice_withdrawal/submissions", json=values).json()["tracking"]
    visitor.post("/sprawa", data={"tracking": tracking, "secret": "66-470"})
    assert "Co dalej" in visitor.get(f"/sprawa/{tracking}").text
    begun = visitor.get("/formularze/einvoice_withdrawal").text
    token = re.search(r'action="(/formularze/einvoice_withdrawal/[\w-]+)"', begun)
    assert token is not None
    visitor.post(token[1], data={"name": "Jan"})
    scoped = {cookie.name: cookie.path for cookie in visitor.cookies.jar if cookie.name.startswith("__Secure-")}
    assert scoped == {
        "__Secure-ebok_sprawa": f"/sprawa/{tracking}",
        "__Secure-ebok_formularz": "/formularze/einvoice_withdrawal",
    }


def test_static_files_are_kept_by_browsers_until_their_content_changes(lone_client: TestClient) -> None:
    found = re.search(r'href="(/static/ebok\.css\?v=\w+)"', lone_client.get("/docs").text)
    assert found is not None

    assert "immutable" in lone_client.get(found[1]).headers["cache-control"]
    assert lone_client.get("/static/ebok.css").headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in lone_client.get("/static/ebok.css").headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        *("/static/", "/static", "/static/.DS_Store", "/static/ebok.css~", "/static/%2e%2e/app.py"),
        *("/static/..%2fapp.py", "/static//etc/passwd", "/.git/config", "/api/app.py", "/%2e%2e/pyproject.toml"),
    ],
)
def test_no_folder_is_listed_and_no_file_beside_the_static_ones_is_served(lone_client: TestClient, path: str) -> None:
    assert lone_client.get(path).status_code == 404


def test_a_fault_of_ours_is_told_and_logged_without_its_insides(home: Path) -> None:
    app = create_app()

    @app.get("/fault")
    def fail() -> None:
        raise RuntimeError("PESEL 44051401359")

    with structlog.testing.capture_logs() as logged:
        answer = TestClient(app).get("/fault")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "95 727 96 51" in answer.json()["detail"]
    assert "44051401359" not in answer.text
    assert "44051401359" not in str(logged)
    (told,) = logged
    assert (told["type"], told["route"]) == ("RuntimeError", "/fault")
    assert told["number"] in answer.json()["detail"]
    assert told["places"][-1].startswith("api/test_security.py:")


def test_a_browser_gets_a_page_where_a_program_gets_json(home: Path) -> None:
    client = TestClient(create_app())
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    page = client.get("/nic", headers=browser)
    assert page.status_code == 404
    assert "<h1>Nie ma takiego adresu</h1>" in page.text

    for path, headers in (("/nic", {}), ("/api/v1/nic", browser)):
        assert client.get(path, headers=headers).headers["content-type"] == "application/problem+json"


def test_only_what_is_typed_into_a_form_is_kept_in_the_browser() -> None:
    scripts = list((Path(__file__).parents[2] / "api" / "static").rglob("*.js"))
    assert scripts
    kept = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\.")
    found = {script.name: script.read_text() for script in scripts if kept.search(script.read_text())}
    assert found.keys() == {"kept.js", "forget.js"}
    used = re.findall(r"Storage\.(\w+)", found["forget.js"])
    assert set(used) == {"clear"}


@pytest.mark.parametrize("path", ["/", "/nic", "/docs", "/static/ebok.css", "/regulaminy/ebok", "/haslo"])
def test_every_text_says_its_character_set(lone_client: TestClient, path: str) -> None:
    answer = lone_client.get(path, headers={"Accept": "text/html"})
    assert re.fullmatch(r"text/\w+; charset=utf-8", answer.headers["content-type"])


def test_the_nginx_example_is_one_that_speaks_tls_with_forward_secrecy_alone() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "administrator.md").read_text()
    example = guide.partition("```nginx\n")[2].partition("```")[0]
    told = dict(re.findall(r"^ *(\w+) +([^;]+);$", example, re.MULTILINE))
    assert set(told["ssl_protocols"].split()) == {"TLSv1.2", "TLSv1.3"}
    assert told["server_tokens"] == "off"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(told["ssl_ciphers"])
    offered = context.get_ciphers()
    assert offered
    assert [one["name"] for one in offered if not one["aead"]] == []
    older = [one["name"] for one in offered if one["protocol"] != "TLSv1.3"]
    assert [name for name in older if not name.startswith("ECDHE-")] == []


def test_what_programs_get_is_saved_under_our_name_and_never_shown_as_a_page(lone_client: TestClient) -> None:
    for path in ("/api/v1/forms", "/api/v1/nic"):
        assert lone_client.get(path).headers["content-disposition"] == 'attachment; filename="api.json"'
    assert "content-disposition" not in lone_client.get("/").headers


def test_who_is_kept_out_is_logged_by_the_route_alone(lone_client: TestClient) -> None:
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    with structlog.testing.capture_logs() as logged:
        lone_client.post("/biuro/logowanie", data={"login": "tajny"}, headers=from_elsewhere)
        lone_client.get("/", headers={"Host": "tajny.example"})
        lone_client.put("/api/v1/submissions/tajny")
        lone_client.post("/api/v1/forms/einvoice_withdrawal/submissions", content=b"tajny")
        lone_client.get("/biuro/sprawy/TAJNY", headers={"Accept": "application/json"})
        lone_client.get("/api/v1/forms")
    kept_out = [(line["status"], line["route"]) for line in logged if line["event"] == "refused"]
    assert kept_out == [
        (403, "unknown"),
        (421, "unknown"),
        (405, "/api/v1/submissions/{tracking}"),
        (415, "/api/v1/forms/einvoice_withdrawal/submissions"),
        (401, "/biuro/sprawy/{tracking}"),
    ]
    assert "tajny" not in str(logged).lower()


def test_tokens_of_links_never_reach_the_access_log() -> None:
    out = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(out))
    logger.addFilter(HideSecretPaths())

    for path in (
        "/potwierdzenie/geheim?x=1",
        "/api/v1/email-proofs/geheim",
        "/formularze/ebok_signup/geheim/sprawdz",
        "/ebok/e-mail/geheim",
        "/ebok/pelnomocnictwo/geheim",
        "/healthz",
    ):
        logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1", "GET", path, "1.1", 200)

    assert "geheim" not in out.getvalue()
    assert "/healthz" in out.getvalue()


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/biuro/szukaj?klient=12345678&od=2026-11-01", "/biuro/szukaj?…"),
        ("/formularze?email=jan%40example.com", "/formularze?…"),
        ("/jan@example.com", "/…"),
        ("/Jan%20Kowalski/85010112346", "/…/…"),
        ("/sprawa/85010112346?x", "/sprawa/…?…"),
        ("/sprawa/8501 0112 346", "/sprawa/…"),
        ("/biuro/sprawy/K7M4-PX9A/strona/1.jpg", "/biuro/sprawy/K7M4-PX9A/strona/1.jpg"),
        ("/static/~3f2a/ebok.css", "/static/~3f2a/ebok.css"),
        ("/", "/"),
    ],
)
def test_nobody_whose_data_are_written_into_an_address_stands_in_the_access_log(address: str, logged: str) -> None:
    record = logging.LogRecord("uvicorn.access", logging.INFO, "", 1, "%s %s", ("127.0.0.1:1", address), None)
    assert HideSecretPaths().filter(record)
    assert record.getMessage() == f"127.0.0.1:1 {logged}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(
            (path, 200)
            for path in ("/", "/wyslij", "/do-pobrania", "/sprawa", "/static/ebok.css", "/healthz", "/api/v1/forms")
        ),
        ("/nic", 404),
        ("/formularze/nie-ma", 404),
    ],
)
def test_head_is_answered_as_get_without_its_body(lone_client: TestClient, path: str, status: int) -> None:
    got, asked = lone_client.get(path), lone_client.head(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"") == (status, b"")
    assert {**asked.headers, "date": ""} == {**got.headers, "date": ""}


def test_head_changes_nothing_where_get_is_no_way(lone_client: TestClient) -> None:
    assert lone_client.head("/api/v1/uploads").status_code == 405
