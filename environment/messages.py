"""The ways by which messages leave and come back."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from environment.network import Port, WebAddress


class Messages(BaseModel):
    """The ways by which messages leave and come back."""

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
    report_recipients: str = Field(
        "",
        pattern=r"^\s*([^@\s,]+@[^@\s,]+(\s*,\s*[^@\s,]+@[^@\s,]+)*)?\s*$",
        description="Addresses, with commas, to which the report of each day is sent; default: none",
    )
    sms_gateway_url: WebAddress | None = Field(
        None, description="HTTP gateway for SMS; without it messages become files"
    )
    sms_gateway_token: SecretStr | None = None
    smsapi_token: SecretStr | None = Field(
        None, description="OAuth token of SMSAPI.pl, by which SMS leave then; default: sms_gateway_url, or files"
    )
    smsapi_url: WebAddress = Field(
        "https://api.smsapi.pl/sms.do", description="Where SMSAPI takes SMS; its other centre is api2.smsapi.pl"
    )
    smsapi_from: str | None = Field(
        None, max_length=11, description="Name of the sender that SMSAPI has approved; default: that of its account"
    )
    sms_letters: Literal["plain", "one_part", "polish"] = Field(
        "plain",
        description="Polish letters in SMS: never (plain), where the text stays one SMS (one_part), always (polish)",
    )
    sms_inbound_token: SecretStr | None = Field(
        None, description="What the gateway proves itself by when it hands over an SMS; default: none is taken"
    )
    sms_inbound_from: str = Field(
        "", description="Addresses or networks, with commas, from which the gateway calls; default: any"
    )
    sms_inbound_number: str = Field(
        "", description="Number to which customers send SMS, as pages and messages name it; default: not named"
    )
    sms_notices: bool = Field(False, description="Tell customers by SMS too that a paper form is incomplete")
    letter_window: Literal["left", "right"] = Field("right", description="Side of the envelope's address window")

    @property
    def readers_of_report(self) -> tuple[str, ...]:
        """The addresses to which the report of each day is sent."""
        return tuple(dict.fromkeys(name.strip() for name in self.report_recipients.split(",") if name.strip()))

    @field_validator("sms_inbound_from")
    @classmethod
    def _networks(cls, value: str) -> str:
        """What is no address is told at the start, and not when the first SMS comes."""
        for one in filter(None, map(str.strip, value.split(","))):
            ip_network(one, strict=False)
        return value

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
