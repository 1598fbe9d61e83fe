"""The proxies before the program, by a real nginx: what they let through, to whom, and what they say of the sender."""

from __future__ import annotations

import http.server
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from tests.certificates import self_signed
from tests.waiting import pause

DEPLOY = Path(__file__).parents[2] / "deploy"


MANAGERS = "biuro.example.com:8444"
"""By which host the engine knows a manager, as the desk tells it."""
WHO = {"seat=manager": 204, "seat=clerk": 403, "seat=nowhere": 204}
"""What the desk answers when it is asked who that is, by the cookie; the last where no such host is set."""


class Told(http.server.BaseHTTPRequestHandler):
    """Answers with what it was told; asked who somebody is, as the desk would."""

    def do_GET(self) -> None:
        """The headers as lines."""
        body = "".join(f"{name.lower()}: {value}\n" for name, value in self.headers.items()).encode()
        cookie = self.headers.get("cookie", "")
        asked_who = self.path == "/biuro/kto"
        self.send_response(WHO.get(cookie, 401) if asked_who else 200)
        if asked_who:
            body = b""
            self.send_header("X-Desk-Url", "https://biuro.example.com:8443")
            if cookie != "seat=nowhere":
                self.send_header("X-Engine-Host", MANAGERS)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


@dataclass
class Proxy:
    """A proxy at work: its ports by those of its configuration, and who may be asked over TLS."""

    ports: Mapping[str, int]
    certificate: Path

    def get(self, port: str, path: str, scheme: str = "https", **headers: str) -> httpx.Response:
        """Ask as a browser would."""
        verify = ssl.create_default_context(cafile=str(self.certificate))
        address = f"{scheme}://127.0.0.1:{self.ports[port]}{path}"
        return httpx.get(address, headers=headers, verify=verify, trust_env=False)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def program() -> Iterator[int]:
    """What stands behind a proxy, the program or the engine: its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        thread = threading.Thread(target=server.serve_forever, name="behind the proxy")
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def running(
    configuration: str, folder: Path, behind: int, *, engine: int | None = None, at: Mapping[str, int] | None = None
) -> Iterator[Proxy]:
    """The proxy with that configuration, but for its ports and places, until the test ends.

    Behind it is the program at that port, and the engine where another port is given; ``at`` are ports to listen at.
    """
    certificate, key = self_signed(folder)
    configuration = configuration.replace("/tmp/", f"{folder}/").replace("/var/log/nginx/", f"{folder}/")
    listens = re.findall(r"listen (?:127\.0\.0\.1:)?(\d+)", configuration)
    ports = {port: (at or {}).get(port) or free_port() for port in listens}
    for port, ours in ports.items():
        configuration = re.sub(rf"listen (?:127\.0\.0\.1:)?{port}\b", f"listen 127.0.0.1:{ours}", configuration)
    to = {"4200": engine or behind}
    configuration = re.sub(
        r"(proxy_pass http://127\.0\.0\.1):(\d+)", lambda found: f"{found[1]}:{to.get(found[2], behind)}", configuration
    )
    managers = folder / "managers"
    managers.mkdir()
    shutil.copy(certificate, managers / "tls.crt")
    shutil.copy(key, managers / "tls.key")
    (managers / "prefect.conf").write_text('proxy_set_header Authorization "Basic c2VjcmV0";')
    configuration = configuration.replace("/run/secrets/managers/", f"{managers}/")
    configuration = configuration.replace("/run/secrets/prefect_proxy", f"{managers}/prefect.conf")
    configuration = re.sub(r"/run/secrets/tls\S*(?:certificate|crt);", f"{certificate};", configuration)
    configuration = re.sub(r"/run/secrets/tls\S*key;", f"{key};", configuration)
    configuration = re.sub(r"/dev/stdout|/dev/stderr", str(folder / "log"), configuration)
    (folder / "nginx.conf").write_text(configuration)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert program is not None
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off; user root;"])
    try:
        listening(process, ports.values())
        yield Proxy(ports, certificate)
    finally:
        process.terminate()
        process.wait()


@retry(retry=retry_if_exception_type(OSError), wait=wait_fixed(0.05), stop=stop_after_delay(20), reraise=True)
def listening(process: subprocess.Popen[bytes], ports: Any) -> None:
    """Wait until it answers."""
    assert process.poll() is None
    for port in ports:
        socket.create_connection(("127.0.0.1", port)).close()


@pytest.fixture(scope="module")
def of_compose(program: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy of one machine."""
    yield from running((DEPLOY / "nginx.conf").read_text(), tmp_path_factory.mktemp("proxy"), program)


@pytest.fixture(scope="module")
def of_engine(program: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The proxy by which workers reach the engine in Kubernetes."""
    yield from running(engine_proxy(), tmp_path_factory.mktemp("engine"), program)


def engine_proxy() -> str:
    """Its configuration."""
    parts = yaml.safe_load_all((DEPLOY / "kubernetes" / "engine.yaml").read_text())
    return str(next(part["data"]["nginx.conf"] for part in parts if part["kind"] == "ConfigMap"))


@pytest.mark.parametrize("path", ["/biuro", "/biuro/", "/biuro/konta", "/readyz", "/healthz"])
def test_customers_do_not_reach_what_is_the_company_s(of_compose: Proxy, path: str) -> None:
    assert of_compose.get("8443", path).status_code == 404
    assert of_compose.get("8444", path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/formularze/eBOK-1", "/sprawa", "/api/v1/submissions/x", "/static/a.css"])
def test_customers_reach_what_is_theirs(of_compose: Proxy, path: str) -> None:
    assert of_compose.get("8443", path).status_code == 200


@pytest.mark.parametrize("port", ["8443", "8444"])
def test_the_program_is_told_who_really_asks_by_which_name_and_that_it_was_over_tls(
    of_compose: Proxy, port: str
) -> None:
    told = of_compose.get(port, "/", host="biuro.example.com:8443", **{"x-forwarded-for": "203.0.113.9"}).text
    assert "host: biuro.example.com:8443\n" in told
    assert "x-forwarded-for: 127.0.0.1\n" in told
    assert "x-forwarded-proto: https\n" in told


def test_a_secret_link_does_not_come_into_the_log(of_compose: Proxy) -> None:
    log = of_compose.certificate.with_name("log")
    of_compose.get("8443", "/potwierdzenie/tajne-slowo")
    while "/potwierdzenie" not in log.read_text():  # it is written after the answer
        pause()
    assert "/potwierdzenie " in log.read_text()
    assert "tajne-slowo" not in log.read_text()


def test_nobody_speaks_to_the_pages_without_tls(of_compose: Proxy) -> None:
    assert of_compose.get("8443", "/", scheme="http").status_code == 400


def test_the_engine_is_reached_under_the_name_of_this_machine_for_that_is_all_it_answers_to(
    of_compose: Proxy, of_engine: Proxy
) -> None:
    assert "host: localhost:4200\n" in of_compose.get("4201", "/", scheme="http", host="localhost:4200").text
    assert "host: 127.0.0.1:4200\n" in of_engine.get("4443", "/api/health", host="ebok-engine:4443").text


@pytest.fixture(params=["one machine", "Kubernetes"])
def by_the_desk(request: pytest.FixtureRequest, of_compose: Proxy, of_engine: Proxy) -> Callable[..., httpx.Response]:
    """Asks for the engine's pages as a manager does."""
    proxy, port = (of_compose, "8445") if request.param == "one machine" else (of_engine, "8444")
    return lambda path, **headers: proxy.get(port, path, **headers)


@pytest.mark.parametrize("host", [MANAGERS, "127.0.0.1:4200", "localhost", "LOCALHOST.:4200", "[::1]:4200", "strange"])
def test_a_manager_is_known_to_the_engine_by_the_desk_s_word_whatever_name_he_gives(
    by_the_desk: Callable[..., httpx.Response], host: str
) -> None:
    own = {"x-engine-host": "127.0.0.1:4200", "authorization": "Basic strange"}
    told = by_the_desk("/runs", host=host, cookie="seat=manager", **own).text.splitlines()
    assert [line for line in told if line.startswith(("host:", "authorization:", "cookie:"))] == [
        f"host: {MANAGERS}",
        "authorization: Basic c2VjcmV0",
    ]


def test_whom_the_desk_does_not_let_in_sees_nothing_of_the_engine(by_the_desk: Callable[..., httpx.Response]) -> None:
    for cookie in ({}, {"cookie": "seat=clerk"}):
        led = by_the_desk("/runs?page=2", **cookie)
        assert (led.status_code, led.headers["location"]) == (
            302,
            "https://biuro.example.com:8443/biuro/przebiegi/runs?page=2",
        )
        assert (by_the_desk("/api/flow_runs/filter", **cookie)).status_code == 401
    assert by_the_desk("/.kto", cookie="seat=manager").status_code == 404


def test_where_no_host_of_managers_is_set_the_engine_is_asked_by_none(
    by_the_desk: Callable[..., httpx.Response],
) -> None:
    assert "\nhost:" not in "\n" + by_the_desk("/runs", cookie="seat=nowhere").text


def test_without_the_managers_secret_workers_reach_the_engine_all_the_same(
    program: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "copy", lambda _from, _to: None)
    with contextmanager(running)(engine_proxy(), tmp_path, program) as proxy:
        assert proxy.get("4443", "/api/health").status_code == 200
        with pytest.raises(httpx.HTTPError):
            proxy.get("8444", "/")


def test_the_engine_s_web_sockets_pass(of_engine: Proxy) -> None:
    told = of_engine.get("4443", "/api/events/in", upgrade="websocket").text
    assert "upgrade: websocket\n" in told
    assert "connection: upgrade\n" in told
    assert "upgrade" not in of_engine.get("4443", "/api/flow_runs/filter").text


def test_whoever_asks_too_fast_is_refused_before_the_program_hears_of_it(of_compose: Proxy) -> None:
    verify = ssl.create_default_context(cafile=str(of_compose.certificate))
    address = f"https://127.0.0.1:{of_compose.ports['8443']}/"
    with httpx.Client(verify=verify, trust_env=False) as client:
        answers = (client.get(address).status_code for _ in range(400))
        assert next(answer for answer in answers if answer != 200) == 503


def test_workers_reach_the_engine_by_tls_only(of_engine: Proxy) -> None:
    assert of_engine.get("4443", "/api/health", scheme="http").status_code == 400
