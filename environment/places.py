"""Where an installation keeps its state, and the forms and texts of its own that it adds."""

from __future__ import annotations

from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, DirectoryPath, Field, SecretStr, field_validator, model_validator

from environment.network import WebAddress


class FolderOfOursError(ValueError):
    """The setting that it names is a folder with files of this program."""


class Places(BaseModel):
    """Where an installation keeps its state, and the forms and texts of its own that it adds."""

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
    billing_dir: Path | None = Field(
        None, description="Folder in which billing puts its deliveries, a folder each; default: imported by hand only"
    )
    readings_dir: Path | None = Field(
        None, description="Folder from which billing takes the readings that customers report; default: by hand only"
    )
    outgoing_dir: Path | None = Field(
        None, description="Folder for letters, and for messages without a server; default: outgoing in the home folder"
    )
    originals_url: str | None = Field(
        None,
        pattern=r"^(?:(?:file://)?/.+|s3://[a-z0-9][a-z0-9.-]+(?:/[^\s?#]+)?)$",
        description="Where originals are kept: s3://bucket/prefix, or the path of a folder that all machines share; "
        "default: originals in the home folder",
    )
    originals_endpoint: WebAddress | None = Field(
        None, description="Address of the S3 server with the originals; default: that of AWS"
    )
    terms_dir: DirectoryPath | None = Field(
        None, description="Folder with the company's own Regulamin texts and their history; default: those shipped"
    )
    lexicon_dir: DirectoryPath | None = Field(
        None, description="Folder with the town's own streets, post codes and names; default: those that are shipped"
    )
    tessdata_dir: Path | None = Field(None, description="Folder of Tesseract's language data; default: found by itself")
    timezone: str = Field("Europe/Warsaw", description="Where 'today' is; runs at set hours keep to prefect.yaml")

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

    @property
    def url(self) -> str:
        """Database URL in force."""
        return self.database_url or f"sqlite:///{(self.home / 'ebok.sqlite').absolute()}"

    @property
    def database_file(self) -> Path | None:
        """The file of a database that is one."""
        kind, _, name = self.url.partition(":///")
        return Path(name.partition("?")[0]) if kind.startswith("sqlite") and name not in ("", ":memory:") else None

    @property
    def inbox(self) -> Path:
        """Scan folder in force."""
        return self.inbox_dir or self.home / "inbox"

    @property
    def originals(self) -> Path:
        """The folder where original files are kept, by content; nothing lies there where a bucket is set."""
        named = (self.originals_url or "").removeprefix("file://")
        return Path(named) if named and self.originals_bucket is None else self.home / "originals"

    @property
    def originals_bucket(self) -> str | None:
        """The bucket of an object store, with the prefix in it, where originals are kept instead."""
        scheme, _, place = (self.originals_url or "").partition("://")
        return place.rstrip("/") if scheme == "s3" else None

    @property
    def pictures(self) -> Path:
        """Where pictures of pages for the desk are kept; they can be made again from the originals."""
        return self.home / "pictures"

    @property
    def outgoing(self) -> Path:
        """Where .eml files, SMS files and printed letters go."""
        return self.outgoing_dir or self.home / "outgoing"

    @property
    def import_report(self) -> Path:
        """Where the report of an import of customers goes, unless another place is named."""
        return self.home / "customers-report.csv"

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of local dates."""
        return ZoneInfo(self.timezone)
