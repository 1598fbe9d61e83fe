"""Signing in at the desk, and what is looked at a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from environment.providers import require_whole


class StaffSettings(BaseModel):
    """Signing in at the desk, and what is looked at a second time."""

    second_look_rate: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Least share of documents read by machine and applied untouched that a clerk looks at again",
    )
    second_looks_a_day: int = Field(
        60,
        ge=0,
        description="Documents a day up to which that share rises to find what is wrong too often within a week; twice "
        "as many while that is likely or the papers have changed",
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

    @model_validator(mode="after")
    def _whole_provider(self) -> Self:
        """A provider of which half is told, or which could let in the wrong one, is told at the start."""
        require_whole(
            "EBOK_OIDC",
            self.oidc_issuer,
            self.oidc_client_id,
            self.oidc_scopes,
            ("LOGIN_CLAIM", self.oidc_login_claim),
        )
        return self
