"""nginx as the administrator's guide shows it and `ebok admin install` writes it, before the real application."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Iterator
from http.cookiejar import Cookie
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from cli.machine_files import filled
from environment.settings import get_settings
from tests.api.desk.staff import PASSWORD, hire
from tests.deploy.test_proxy import Proxy, running

GUIDE = (Path(__file__).parents[2] / "docs" / "administrator.md").read_text()
CUSTOMERS, DESK = "formularze.example.com", "biuro.example.com"
AROUND = """
pid /tmp/nginx.pid;
error_log /tmp/error.log;
events {{}}
http {{
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
    {site}
}}
"""
"""What stands around a site."""


def site_of_the_guide() -> str:
    found = re.search(r"^```nginx\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_guide_shows_what_the_command_writes() -> None:
    assert site_of_the_guide() == filled(
        "nginx-site.conf",
        names=f"{CUSTOMERS} {DESK}",
        public_name=CUSTOMERS,
        public_port="443",
        desk_name=DESK,
        desk_port="443",
        port="8000",
        certificate="/etc/ssl/ebok.pem",
        certificate_key="/etc/ssl/private/ebok.key",
    )


def test_the_guide_shows_the_site_of_the_engine_s_pages_too() -> None:
    shown = re.findall(r"^```nginx\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)[1]
    assert shown == filled(
        "nginx-engine.conf",
        desk_name=DESK,
        desk_url=f"https://{DESK}",
        engine_port="8444",
        engine_host=f"{DESK}:8444",
        port="8000",
        prefect_port="4200",
        certificate="/etc/ssl/ebok.pem",
        certificate_key="/etc/ssl/private/ebok.key",
    )


@pytest.fixture
def application(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The application with the settings of the guide: its port."""
    monkeypatch.setenv("EBOK_PUBLIC_URL", f"https://{CUSTOMERS}")
    monkeypatch.setenv("EBOK_DESK_URL", f"https://{DESK}")
    monkeypatch.delenv("EBOK_ALLOWED_HOSTS")
    get_settings.cache_clear()
    hire("ola")
    config = uvicorn.Config(create_app, factory=True, port=0, forwarded_allow_ips="127.0.0.1", log_level="error")
    server = uvicorn.Server(config)
    started = threading.Event()
    begin = server.startup

    async def startup(**sockets: object) -> None:
        await begin(**sockets)  # type: ignore[arg-type]
        started.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, name="application")
    thread.start()
    assert started.wait(60)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def site(application: int, tmp_path: Path) -> Iterator[Proxy]:
    """nginx before it."""
    certificates = {
        "/etc/ssl/ebok.pem": "/run/secrets/tls_certificate",
        "/etc/ssl/private/ebok.key": "/run/secrets/tls_key",
    }
    text = site_of_the_guide()
    for guides, ours in certificates.items():
        text = text.replace(guides, ours)
    yield from running(AROUND.format(site=text), tmp_path, application)


def test_staff_sign_in_by_https_only_and_customers_do_not_reach_the_desk(site: Proxy) -> None:
    verify = ssl.create_default_context(cafile=str(site.certificate))
    by_tls, plain = (f"{scheme}://127.0.0.1:{site.ports[port]}" for scheme, port in (("https", "443"), ("http", "80")))
    with httpx.Client(verify=verify, trust_env=False, headers={"Host": DESK, "Accept": "text/html"}) as browser:
        led = browser.get(f"{plain}/biuro/")
        assert (led.status_code, led.headers["location"]) == (301, f"https://{DESK}/biuro/")

        page = browser.get(f"{by_tls}/biuro/", follow_redirects=True).text
        assert 'name="haslo"' in page and "Tutaj nie da się zalogować" not in page
        entered = browser.post(f"{by_tls}/biuro/logowanie", data={"login": "ola", "haslo": PASSWORD})
        assert (entered.status_code, entered.headers["location"]) == (303, "/biuro/")
        assert browser.get(f"{by_tls}/biuro/").status_code == 200

        cookies: list[Cookie] = list(browser.cookies.jar)
        assert {cookie.name.partition("-")[0] for cookie in cookies} == {"__Host"}
        assert all(cookie.secure and cookie.path == "/" and not cookie.domain_specified for cookie in cookies)

    with httpx.Client(verify=verify, trust_env=False, headers={"Host": CUSTOMERS}) as customer:
        assert customer.get(f"{by_tls}/").status_code == 200
        assert [customer.get(f"{by_tls}{path}").status_code for path in ("/biuro/", "/readyz", "/metrics")] == [404] * 3
