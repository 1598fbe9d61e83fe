"""All settings in one typed class, from environment variables ``EBOK_*``; nothing else reads the environment."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, DirectoryPath, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Period = Annotated[int, Field(ge=0), BeforeValidator(lambda value: 0 if value == "" else value)]
"""Days for which something is kept; 0 or nothing is for ever."""


Port = Annotated[int, Field(ge=0, le=65_535)]
WebAddress = Annotated[str, Field(pattern=r"^https?://[^\s/]+(?:/\S*)?$")]


class FolderOfOursError(ValueError):
    """The setting that it names is a folder with files of this program."""


class Settings(BaseSettings):
    """Typed settings; every one has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="EBOK_", extra="ignore", frozen=True, allow_inf_nan=False)

    home: Path = Field(Path("var"), description="Folder that holds all state by default")
    database_url: str | None = Field(None, description="SQLAlchemy URL; default: SQLite in the home folder")
    secret_key: SecretStr | None = Field(
        None, description="One key for encryption at rest (Fernet); default: the file of keys"
    )
    secret_key_file: Path | None = Field(
        None, description="File of the keys for encryption at rest; default: keys/secret.keys in the home folder"
    )
    forms_dir: DirectoryPath | None = Field(None, description="Folder with further forms, one file each; default: none")
    inbox_dir: Path | None = Field(None, description="Scan folder; default: inbox in the home folder")
    timezone: str = Field("Europe/Warsaw", description="Where 'today' is")

    company_name: str = "Miejskie Zakłady Komunalne Sp. z o.o."
    company_short: str = "MZK"
    company_address: str = "66-470 Kostrzyn nad Odrą"
    company_town: str = "Kostrzyn nad Odrą"
    company_phones: tuple[str, ...] = ("95 727 96 51", "95 727 96 42")
    company_email: str = "mzk@kostrzyn.pl"
    company_www: str = "www.mzk.kostrzyn.pl"
    portal_url: str = "https://ebok.mzk.kostrzyn.pl/ebok/"
    customer_no_length: int = Field(8, ge=4, le=12, description="Digits of a customer number")
    terms_dir: DirectoryPath | None = Field(
        None, description="Folder with the company's own Regulamin texts and their history; default: those shipped"
    )

    public_url: WebAddress = Field(
        "http://127.0.0.1:8000", description="Address of the web API that links in messages use"
    )
    allowed_hosts: str = Field(
        "", description="Further names, with commas, under which the web pages are reached; default: that of public_url"
    )
    desk_url: WebAddress | None = Field(None, description="Address at which staff open the desk; default: public_url")
    api_host: str = "127.0.0.1"
    api_port: Port = 8000
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
    prefect_port: Port = 4200

    smtp_host: str | None = Field(None, description="Mail server; without it messages become .eml files")
    smtp_port: Port = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: bool = True
    smtp_timeout_seconds: float = Field(30.0, gt=0, description="Seconds for which the mail server is waited for")
    mail_from: str = "ebok@mzk.kostrzyn.pl"
    bounce_address: str | None = Field(
        None,
        pattern=r"^[^@\s+]+@[^@\s]+$",
        description="Where e-mails come back that cannot be delivered, as name+TOKEN@domain; default: to mail_from",
    )
    bounces_dir: Path | None = Field(
        None, description="Folder in which the mail server puts what came back, one .eml a message; default: none"
    )
    bounces_imap_host: str | None = Field(
        None, description="IMAP server with the mailbox in which what came back arrives; default: none"
    )
    bounces_imap_port: Port = 993
    bounces_imap_encryption: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the connection is encrypted: from the start, by STARTTLS, or not at all"
    )
    bounces_imap_user: str | None = None
    bounces_imap_password: SecretStr | None = None
    bounces_imap_password_file: Path | None = Field(
        None, description="File with that password; default: bounces_imap_password"
    )
    bounces_imap_folder: str = Field("INBOX", description="Folder of the mailbox in which they arrive")
    bounces_imap_done: str = Field("ebok", description="Folder of the mailbox to which they go once they are read")
    sms_gateway_url: WebAddress | None = Field(
        None, description="HTTP gateway for SMS; without it messages become files"
    )
    sms_gateway_token: SecretStr | None = None
    sms_notices: bool = Field(False, description="Tell customers by SMS too that a paper form is incomplete")
    letter_window: Literal["left", "right"] = Field("right", description="Side of the envelope's address window")

    intake_stable_seconds: float = Field(3.0, ge=0, description="How long a scanned file must stay unchanged")
    intake_patience_seconds: float = Field(900.0, ge=0, description="After this an unreadable file is quarantined")
    sweep_interval_seconds: float = Field(15.0, ge=0, description="How often the sweep looks for work")
    sweep_parallel: int = Field(8, ge=1, description="Documents processed at once in one sweep")
    lease_seconds: float = Field(
        300.0, gt=0, description="After this a claimed document may be taken by another worker"
    )
    desk_lease_minutes: float = Field(15.0, gt=0, description="How long a document at the review desk stays a clerk's")
    max_attempts: int = Field(5, ge=1, description="Faults of one document before it is shown as stuck")

    max_upload_bytes: int = Field(25 * 1024 * 1024, ge=1, description="Largest file taken in by the API")
    max_file_bytes: int = Field(200 * 1024 * 1024, ge=1, description="Largest file taken in at all")
    max_pages: int = Field(200, ge=1, description="Most pages in one file")
    max_page_pixels: int = Field(40_000_000, ge=1, description="Largest page image, in pixels to be decoded")
    clamav: str | None = Field(
        None, description="Where clamd listens: the path of its socket, or host:port; default: no antivirus"
    )
    clamav_seconds: float = Field(60.0, gt=0, description="Seconds for which an answer of clamd is waited for")
    least_free_bytes: int = Field(1024**3, ge=0, description="Free room on the disk below which no files are taken in")
    readers: int = Field(2, ge=1, description="Files looked at at once: at the door, to be read, for the desk")
    door_memory_bytes: int = Field(900 * 1000**2, ge=600 * 1000**2, description="Memory for the check of one file")
    door_seconds: float = Field(60.0, gt=0, description="Seconds for the check of one file")
    door_wait_seconds: float = Field(45.0, gt=0, description="Seconds that a file sent to us waits to be checked")
    page_seconds: float = Field(15.0, gt=0, description="Seconds of the processor for one page of a file")
    read_memory_bytes: int = Field(1100 * 1000**2, ge=900 * 1000**2, description="Memory for reading one document")
    read_seconds: float = Field(120.0, gt=0, description="Seconds for reading one document")
    picture_seconds: float = Field(20.0, gt=0, description="Seconds for drawing one page for the desk")
    pictures_max_bytes: int = Field(1024**3, ge=0, description="Room for pictures of pages kept for the desk")

    trust_dir: DirectoryPath | None = Field(
        None,
        description="Folder with certificates of issuers (PEM or DER) whose electronic signatures are believed, and "
        "with lists of what they revoked; default: nobody's",
    )
    trusted_profile_seals: str = Field(
        "VATPL-5252955037",
        description="Identifiers, with commas, of whom the seal of a podpis zaufany is issued to: the ministry's",
    )

    second_look_rate: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share of documents read by machine and applied untouched that a clerk looks at again",
    )
    first_password_days: int = Field(
        14, ge=1, description="Days within which staff must replace a password that they were given"
    )
    staff_idle_minutes: int = Field(30, ge=1, description="Minutes without a click after which staff are signed out")
    staff_session_hours: int = Field(12, ge=1, description="Hours after which staff must sign in again in any case")
    second_factor_of_clerks: Literal["optional", "required"] = Field(
        "optional", description="Whether clerks too need a second factor; supervisors and administrators always do"
    )
    sign_in_tries: int = Field(
        10, ge=1, description="Wrong passwords for one login from one address before it is closed to that address"
    )
    sign_in_tries_per_login: int = Field(
        25, ge=1, description="The same from all addresses, before it is closed to all but known devices"
    )
    sign_in_tries_per_client: int = Field(50, ge=1, description="The same from one address, whichever the login")
    sign_in_minutes: int = Field(15, ge=1, le=1440, description="How long wrong passwords count")
    oidc_issuer: str | None = Field(
        None, description="Address of the OpenID Connect provider at which staff may sign in; default: none"
    )
    oidc_client_id: str | None = Field(None, description="Our name at that provider")
    oidc_client_secret_file: Path | None = Field(
        None, description="File with our secret at that provider; default: none, PKCE alone"
    )
    oidc_name: str = Field("konto firmowe", description="What staff call that provider: 'Zaloguj się przez …'")
    oidc_scopes: str = Field("openid", description="Scopes asked of that provider, with spaces")
    oidc_login_claim: str | None = Field(
        None, description="Claim that names the login of an account not bound yet; default: administrators bind"
    )
    oidc_second_factor_amr: str = Field(
        "", description="Methods (claim amr), with commas, that count as second factor; default: none"
    )
    oidc_second_factor_acr: str = Field(
        "", description="Levels (claim acr), with commas, that count as second factor; default: none"
    )
    oidc_seconds: float = Field(10.0, gt=0, description="Seconds for which an answer of that provider is waited for")
    trusted_proxies: str = Field(
        "", description="Addresses of reverse proxies, with commas, whose X-Forwarded-For is believed; default: none"
    )

    draft_days: int = Field(14, ge=1, description="Days for which a form begun online is kept for its sender to go on")
    drafts_per_client: int = Field(
        100, ge=1, description="Forms begun online in an hour from one address before no more are kept"
    )
    proof_days: int = Field(14, ge=0, description="Days in which an e-mail address must be proven by its link")
    case_tries: int = Field(5, ge=1, description="Wrong secrets for one case in an hour before its page is closed")
    case_tries_per_client: int = Field(30, ge=1, description="The same from one address, whichever the case")
    submissions_per_hour: int = Field(60, ge=1, description="Forms and files that one address may send in an hour")
    submissions_per_day: int = Field(300, ge=1, description="The same in a day")
    upload_bytes_per_day: int = Field(
        500 * 1024**2, ge=1, description="Bytes of files that one address may send in a day"
    )
    unproven_mails_per_day: int = Field(
        5, ge=1, description="E-mails in a day to one address that nobody has proven; further ones leave the next day"
    )
    links_per_hour: int = Field(3, ge=1, description="Links sent again in an hour for one case or one account")
    password_links_per_day: int = Field(
        6, ge=1, description="Links to choose a password that are sent in a day to one account, whoever asks for them"
    )
    password_link_hours: int = Field(24, ge=1, description="Hours in which a link to choose a password works")
    tessdata_dir: Path | None = Field(None, description="Folder of Tesseract's language data; default: found by itself")
    lexicon_dir: DirectoryPath | None = Field(
        None, description="Folder with the town's own streets, post codes and names; default: those that are shipped"
    )

    # How long what is kept: 0 or nothing is for ever. What each is stands in retention/table.py.
    keep_originals_days: Period = Field(1095, description="Days to keep scans, photos and files of a settled case")
    keep_web_forms_days: Period = Field(
        1095, description="Days to keep the JSON of forms sent online, of a settled case"
    )
    keep_values_days: Period = Field(
        1095, description="Days to keep values, names of files and notes of a settled case"
    )
    keep_quarantined_days: Period = Field(180, description="Days to keep files in quarantine that nobody deals with")
    keep_requests_days: Period = Field(1095, description="Days to keep wishes that the office carries out")
    keep_consent_originals_days: Period = Field(1095, description="Days to keep originals of a consent that is over")
    keep_consents_days: Period = Field(2190, description="Days to keep the proof of a consent that is over")
    keep_unproven_days: Period = Field(365, description="Days to keep links that nobody used, and what they were for")
    keep_accounts_days: Period = Field(365, description="Days to keep closed eBOK accounts")
    keep_customers_days: Period = Field(0, description="Days to keep customers that no imported list names any more")
    keep_messages_days: Period = Field(1095, description="Days to keep recipients and texts of messages sent")
    keep_outgoing_days: Period = Field(90, description="Days to keep files in the folder of outgoing messages")
    keep_pictures_days: Period = Field(30, description="Days to keep pictures of pages that nobody looked at")
    keep_reports_days: Period = Field(30, description="Days to keep the report of an import of customers")
    keep_logs_days: Period = Field(90, description="Days to keep log files of our processes")
    keep_desk_leases_days: Period = Field(30, description="Days to keep who held a document at the desk")
    keep_audit_days: Period = Field(3650, description="Days to keep entries of the audit")
    keep_case_records_days: Period = Field(3650, description="Days to keep numbers, states and times of a settled case")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_set(cls, given: dict[str, Any]) -> dict[str, Any]:
        """A name without a value is as if it were not there: no file of keys and no scan folder is the one at work."""
        return {name: value for name, value in given.items() if value != "" or name.startswith("keep_")}

    @model_validator(mode="after")
    def _scan_folder_of_its_own(self) -> Self:
        """What lies in the scan folder is taken away from there: it must hold nothing of ours, nor lie among that."""
        inbox, program = self.inbox.resolve(), Path(__file__).resolve().parents[1]
        ours = [place.resolve() for place in (self.originals, self.pictures, self.outgoing, self.home / "keys")]
        holds = any(place.is_relative_to(inbox) for place in (program, self.home.resolve(), *ours))
        if holds or any(inbox.is_relative_to(place) for place in ours):
            raise FolderOfOursError("EBOK_INBOX_DIR")
        return self

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        """A name of the time zone database, told at the start and not at the first date."""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError, ValueError) as error:
            raise ValueError("no such time zone") from error
        return name

    @model_validator(mode="after")
    def _whole_mailbox(self) -> Self:
        """A mailbox nobody can open, or one whose folders are the same, is told at the start."""
        if self.bounces_imap_host is None:
            return self
        if not self.bounces_imap_user:
            raise ValueError("EBOK_BOUNCES_IMAP_HOST needs EBOK_BOUNCES_IMAP_USER")
        if self.bounces_imap_password is None and self.bounces_imap_password_file is None:
            raise ValueError("EBOK_BOUNCES_IMAP_HOST needs EBOK_BOUNCES_IMAP_PASSWORD_FILE")
        if self.bounces_imap_folder == self.bounces_imap_done:
            raise ValueError("EBOK_BOUNCES_IMAP_DONE must be another folder than EBOK_BOUNCES_IMAP_FOLDER")
        return self

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        """A provider of which half is told, or which could let in the wrong one, is told at the start."""
        if self.oidc_issuer is None:
            return self
        parts = urlsplit(self.oidc_issuer)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("EBOK_OIDC_ISSUER must be an https address")
        if not self.oidc_client_id:
            raise ValueError("EBOK_OIDC_ISSUER needs EBOK_OIDC_CLIENT_ID")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError("EBOK_OIDC_SCOPES must hold openid")
        if self.oidc_login_claim in ("email", "name", "nickname"):
            raise ValueError("EBOK_OIDC_LOGIN_CLAIM must be a claim that nobody can choose for himself")
        return self

    @property
    def url(self) -> str:
        """Database URL in force."""
        return self.database_url or f"sqlite:///{(self.home / 'ebok.sqlite').absolute()}"

    @property
    def served_by_https(self) -> bool:
        """Whether browsers reach the web pages over TLS only."""
        return self.public_url.lower().startswith("https:")

    @property
    def known_hosts(self) -> frozenset[str]:
        """The further names under which the web pages are reached."""
        return frozenset(name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip())

    @property
    def staff_url(self) -> str:
        """Where staff open the desk, without a slash at the end."""
        return (self.desk_url or self.public_url).rstrip("/")

    @property
    def inbox(self) -> Path:
        """Scan folder in force."""
        return self.inbox_dir or self.home / "inbox"

    @property
    def originals(self) -> Path:
        """Where original files are kept, by content."""
        return self.home / "originals"

    @property
    def pictures(self) -> Path:
        """Where pictures of pages for the desk are kept; they can be made again from the originals."""
        return self.home / "pictures"

    @property
    def outgoing(self) -> Path:
        """Where .eml files, SMS files and printed letters go."""
        return self.home / "outgoing"

    @property
    def import_report(self) -> Path:
        """Where the report of an import of customers goes, unless another place is named."""
        return self.home / "customers-report.csv"

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of local dates."""
        return ZoneInfo(self.timezone)


@cache
def get_settings() -> Settings:
    """The settings of this process, read once. Tests call ``get_settings.cache_clear()``."""
    return Settings()
