"""What customers may do online, how often, and for how long."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Customers(BaseModel):
    """What customers may do online, how often, and for how long."""

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
    numbers_per_day: int = Field(
        5, ge=1, description="Further customer numbers that the owner of an account may ask for in a day"
    )
    authorities_per_day: int = Field(
        10, ge=1, description="Authorities over one customer number that may be given in a day"
    )
    terms_days: int = Field(
        30, ge=0, description="Days in which the owner of an account may go on without accepting a new Regulamin eBOK"
    )
    account_idle_minutes: int = Field(
        30, ge=1, description="Minutes without a click after which a customer is signed out of his account"
    )
    account_session_hours: int = Field(
        12, ge=1, description="Hours after which a customer must sign in to his account again in any case"
    )
    password_link_hours: int = Field(24, ge=1, description="Hours in which a link to choose a password works")
