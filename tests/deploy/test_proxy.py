"""The proxies before the program, by a real nginx: what they let through, to whom, and what they say of the sender."""

from __future__ import annotations

import http.server
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
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


class Told(http.server.BaseHTTPRequestHandler):
    """Answers with what it was told."""

    def do_GET(self) -> None:
        """The headers as lines."""
        body = "".join(f"{name.lower()}: {value}\n" for name, value in self.headers.items()).encode()
        self.send_response(200)
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
    configuration = re.sub(r"/run/secrets/tls\S*(?:certificate|crt);", f"{certificate};", configuration)
    configuration = re.sub(r"/run/secrets/tls\S*key;", f"{key};", configuration)
    configuration = re.sub(r"/dev/stdout|/dev/stderr", str(folder / "log"), configuration)
    (folder / "nginx.conf").write_text(configuration)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    assert program is not None
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"])
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
    parts = yaml.safe_load_all((DEPLOY / "kubernetes" / "engine.yaml").read_text())
    configuration = next(part["data"]["nginx.conf"] for part in parts if part["kind"] == "ConfigMap")
    yield from running(configuration, tmp_path_factory.mktemp("engine"), program)


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
