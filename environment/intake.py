"""Taking in, checking and reading files: patience, limits, and whose electronic signatures count."""

from __future__ import annotations

from pydantic import BaseModel, DirectoryPath, Field


class Intake(BaseModel):
    """Taking in, checking and reading files: patience, limits, and whose electronic signatures count."""

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
