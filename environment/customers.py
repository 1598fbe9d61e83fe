"""What customers may do online, how often, and for how long."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, model_validator

from environment.providers import require_whole


class Customers(BaseModel):
    """What customers may do online, how often, and for how long."""

    draft_days: int = Field(14, ge=1, description="Days for which a form begun online is kept for its sender to go on")
    drafts_per_client: int = Field(
        100, ge=1, description="Forms begun online in an hour from one address before no more are kept"
    )
    proof_days: int = Field(14, ge=0, description="Days in which an e-mail address must be proven by its link")
    case_tries: int = Field(5, ge=1, description="Wrong secrets for one case in an hour and from one address")
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
    numbers_per_day: int = Field(
        5, ge=1, description="Further customer numbers that the owner of an account may ask for in a day"
    )
    authorities_per_day: int = Field(
        10, ge=1, description="Authorities over one customer number that may be given in a day"
    )
    terms_days: int = Field(
        30, ge=0, description="Days in which the owner of an account may go on without accepting a new Regulamin eBOK"
    )
    terms_notice_days: int = Field(
        14,
        ge=14,
        le=90,
        description="Days before a new version of a Regulamin is in force by which it promises an e-mail",
    )
    account_idle_minutes: int = Field(
        30, ge=1, description="Minutes without a click after which a customer is signed out of his account"
    )
    account_session_hours: int = Field(
        12, ge=1, description="Hours after which a customer must sign in to his account again in any case"
    )
    password_link_hours: int = Field(24, ge=1, description="Hours in which a link to choose a password works")
    account_letter_code: bool = Field(
        True,
        description="Whether an account whose address the register does not know shows bills only after a code that "
        "goes by letter, or number and amount of one of the last invoices",
    )
    letter_code_days: int = Field(30, ge=1, description="Days in which a code that went by letter may be typed")
    letter_code_again_days: int = Field(
        7, ge=1, description="Days before another such letter goes to the same customer"
    )
    account_oidc_issuer: str | None = Field(
        None, description="Address of the OpenID Connect provider at which customers may sign in; default: none"
    )
    account_oidc_client_id: str | None = Field(None, description="Our name at that provider")
    account_oidc_client_secret_file: Path | None = Field(
        None, description="File with our secret at that provider; default: none, PKCE alone"
    )
    account_oidc_name: str = Field(
        "login.gov.pl", description="What customers call that provider: 'Zaloguj się przez …'"
    )
    account_oidc_scopes: str = Field("openid", description="Scopes asked of that provider, with spaces")
    account_oidc_pesel_claim: str | None = Field(
        None, description="Claim that holds the PESEL, held against the register; default: owners link their accounts"
    )
    account_oidc_acr: str = Field(
        "", description="Levels (claim acr), with commas, of which that provider must say one; default: any"
    )
    account_oidc_seconds: float = Field(
        10.0, gt=0, description="Seconds for which an answer of that provider is waited for"
    )

    @model_validator(mode="after")
    def _whole_provider_of_customers(self) -> Self:
        """Told at the start, as for staff."""
        require_whole(
            "EBOK_ACCOUNT_OIDC",
            self.account_oidc_issuer,
            self.account_oidc_client_id,
            self.account_oidc_scopes,
            ("PESEL_CLAIM", self.account_oidc_pesel_claim),
        )
        return self
