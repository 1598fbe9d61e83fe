"""How long each kind of data is kept; 0 or nothing means for ever. ``retention/table.py`` describes the kinds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

Period = Annotated[int, Field(ge=0), BeforeValidator(lambda value: 0 if value == "" else value)]
"""Days for which something is kept; 0 or nothing is for ever."""


class Keeping(BaseModel):
    """How long each kind of data is kept; 0 or nothing means for ever. ``retention/table.py`` describes the kinds."""

    keep_originals_days: Period = Field(1095, description="Days to keep scans, photos and files of a settled case")
    keep_web_forms_days: Period = Field(
        1095, description="Days to keep the JSON of forms sent online, of a settled case"
    )
    keep_values_days: Period = Field(
        1095, description="Days to keep values, names of files and notes of a settled case"
    )
    keep_quarantined_days: Period = Field(180, description="Days to keep files in quarantine that nobody deals with")
    keep_requests_days: Period = Field(1095, description="Days to keep wishes that the office carries out")
    keep_questions_days: Period = Field(
        1095, description="Days to keep a question that was answered or closed, with its answers and attachments"
    )
    keep_consent_originals_days: Period = Field(1095, description="Days to keep originals of a consent that is over")
    keep_consents_days: Period = Field(2190, description="Days to keep the proof of a consent that is over")
    keep_unproven_days: Period = Field(365, description="Days to keep links that nobody used, and what they were for")
    keep_accounts_days: Period = Field(365, description="Days to keep closed eBOK accounts")
    keep_customers_days: Period = Field(0, description="Days to keep customers that no imported list names any more")
    keep_billing_days: Period = Field(2192, description="Days to keep invoices, payments and readings from billing")
    keep_readings_days: Period = Field(
        1095, description="Days to keep readings that customers reported, with their photos"
    )
    keep_messages_days: Period = Field(1095, description="Days to keep recipients and texts of messages sent")
    keep_outgoing_days: Period = Field(90, description="Days to keep files in the folder of outgoing messages")
    keep_pictures_days: Period = Field(30, description="Days to keep pictures of pages that nobody looked at")
    keep_reports_days: Period = Field(30, description="Days to keep the report of an import of customers")
    keep_logs_days: Period = Field(90, description="Days to keep log files of our processes")
    keep_desk_leases_days: Period = Field(30, description="Days to keep who held a document at the desk")
    keep_audit_days: Period = Field(3650, description="Days to keep entries of the audit")
    engine_days: int = Field(
        90, ge=1, description="Days for which the workflow engine knows what is over: runs, logs, events, artifacts"
    )
    keep_case_records_days: Period = Field(3650, description="Days to keep numbers, states and times of a settled case")
