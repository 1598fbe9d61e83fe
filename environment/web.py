"""How the web application and the workflow engine are reached, and how long they wait."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, model_validator

from environment.network import Port, WebAddress


class Web(BaseModel):
    """How the web application and the workflow engine are reached, and how long they wait."""

    public_url: WebAddress = Field(
        "http://127.0.0.1:8000", description="Address of the web API that links in messages use"
    )
    portal_url: WebAddress | None = Field(
        None, description="Address of customers' accounts that messages and pages name; default: /ebok/ of public_url"
    )
    allowed_hosts: str = Field(
        "", description="Further names, with commas, under which the web pages are reached; default: that of public_url"
    )
    desk_url: WebAddress | None = Field(None, description="Address at which staff open the desk; default: public_url")
    api_host: str = Field(
        "127.0.0.1", description="Address of this machine at which the web pages are served; behind a proxy this one"
    )
    api_port: Port = Field(8000, description="Port of the web pages; 0: any free one")
    api_connections: int = Field(200, ge=10, description="Connections of the web API at once; further ones get 503")
    api_idle_seconds: int = Field(10, ge=1, description="Seconds for which a connection may rest between two requests")
    head_seconds: float = Field(
        10.0, gt=0, description="Seconds in which the head of a request must arrive before its connection is closed"
    )
    body_seconds: float = Field(
        30.0, gt=0, description="Seconds in which a body must arrive, besides those for its size at body_rate"
    )
    body_rate: int = Field(20_000, ge=1, description="Bytes a second at which a body must arrive at least")
    prefect_host: str = Field("127.0.0.1", description="Where the workflow engine listens; this machine's own only")
    prefect_port: Port = Field(4200, description="Port of the workflow engine; 0: any free one")
    prefect_url: WebAddress | None = Field(
        None, description="Address of the workflow engine of another machine, whose work `ebok worker` joins"
    )
    prefect_ui_url: WebAddress | None = Field(
        None,
        description="Address at which managers open the engine's pages with their account of the desk, through the "
        "company's proxy: the desk's name with another port; default: none",
    )
    prefect_auth: SecretStr | None = Field(
        None, description="User:password of the workflow engine; default: the file prefect.auth in the home folder"
    )
    metrics_token: SecretStr | None = Field(
        None, description="What a monitor sends (Authorization: Bearer …) to get /metrics; default: this machine only"
    )
    trusted_proxies: str = Field(
        "", description="Addresses of reverse proxies, with commas, whose X-Forwarded-For is believed; default: none"
    )

    @model_validator(mode="after")
    def _one_name_for_desk_and_engine(self) -> Self:
        """The session's cookie goes to the name of the desk only, whatever the port."""
        engine, desk = (urlsplit(address or "") for address in (self.prefect_ui_url, self.staff_url))
        if self.prefect_ui_url is None:
            return self
        if engine.hostname != desk.hostname or engine.netloc == desk.netloc or engine.path.strip("/"):
            raise ValueError("EBOK_PREFECT_UI_URL must have the name of the desk, a port of its own and no path")
        return self

    @property
    def served_by_https(self) -> bool:
        """Whether browsers reach the web pages over TLS only."""
        return self.public_url.lower().startswith("https:")

    @property
    def known_hosts(self) -> frozenset[str]:
        """The further names under which the web pages are reached."""
        return frozenset(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())

    @property
    def account_url(self) -> str:
        """Where customers sign in to their accounts."""
        return self.portal_url or f"{self.public_url.rstrip('/')}/ebok/"

    @property
    def staff_url(self) -> str:
        """Where staff open the desk, without a slash at the end."""
        return (self.desk_url or self.public_url).rstrip("/")
