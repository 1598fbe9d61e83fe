"""Where originals are kept: a folder of this machine or a share, or a bucket of an object store."""

from __future__ import annotations

from functools import cache
from typing import Final

from documents.store_folder import StoreFolder
from documents.store_interface import Store, StoreUnreachableError
from environment.settings import get_settings

_NO_LIBRARY: Final = (
    "Do magazynu S3 brakuje biblioteki s3fs. Zainstaluj program z dodatkiem s3: pip install 'ebok[s3]'."
)


def store() -> Store:
    """The store in force."""
    settings = get_settings()
    if settings.originals_bucket is None:
        return StoreFolder(settings.originals, ours=settings.originals_url is None)
    return _bucket(settings.originals_bucket, settings.originals_endpoint)


@cache
def _bucket(place: str, endpoint: str | None) -> Store:
    """One for all of this process, with its connections."""
    try:
        from documents.store_bucket import StoreBucket  # noqa: PLC0415  its library is heavy, and an extra
    except ImportError as error:
        raise StoreUnreachableError(_NO_LIBRARY) from error
    return StoreBucket(place, endpoint)
