"""Originals in a bucket of an object store that speaks S3, by fsspec.

Each is written in one request, which the server takes whole or not at all: nothing half-written is ever left there.
Who we are is told by the variables that all programs for S3 read (``AWS_ACCESS_KEY_ID`` and its like).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, BinaryIO, Final

from aiohttp import ClientError
from botocore.exceptions import BotoCoreError, NoCredentialsError, PartialCredentialsError
from s3fs import S3FileSystem

from documents.store_interface import Kept, StoreUnreachableError

_IN_ONE_PIECE: Final = 5 << 30
"""Bytes up to which nothing is parted: more than any file that is taken in."""
_PATIENCE: Final = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 1}}
_NO_BUCKET: Final = "Na serwerze S3 nie ma zasobnika (bucket) {}. Utwórz go albo popraw EBOK_ORIGINALS_URL."
_REFUSED: Final = (
    "Magazyn oryginałów (zasobnik {}) odmawia dostępu. Sprawdź AWS_ACCESS_KEY_ID i AWS_SECRET_ACCESS_KEY, zegar tej "
    "maszyny i prawa: s3:GetObject, s3:PutObject, s3:DeleteObject i s3:ListBucket."
)
_SILENT: Final = (
    "Magazyn oryginałów (zasobnik {}) nie odpowiada. Sprawdź, czy serwer S3 działa, sieć i adres w "
    "EBOK_ORIGINALS_ENDPOINT."
)


class StoreBucket:
    """A bucket, or a prefix in it, as Store."""

    def __init__(self, place: str, endpoint: str | None) -> None:
        self._root = place
        self._bucket = place.partition("/")[0]
        self._files = S3FileSystem(
            endpoint_url=endpoint,
            config_kwargs=_PATIENCE,
            use_listings_cache=False,  # other machines write there too
            max_concurrency=1,
            skip_instance_cache=True,
        )

    def require(self) -> None:
        """As Store."""
        self._listed(self._root)

    @contextmanager
    def draft(self) -> Iterator[_Upload]:
        """As Store."""
        with tempfile.TemporaryFile() as file:
            yield _Upload(self, file)

    def read(self, name: str) -> BinaryIO:
        """As Store."""
        with self._answering():
            return BytesIO(self._files.cat_file(self._at(name)))

    def since(self, name: str) -> datetime | None:
        """As Store; that it came again is not known."""
        with suppress(FileNotFoundError), self._answering():
            found: datetime = self._files.info(self._at(name))["LastModified"]
            return found
        return None

    def remove(self, name: str) -> None:
        """As Store."""
        with suppress(FileNotFoundError), self._answering():
            self._files.rm_file(self._at(name))

    def put(self, name: str, content: bytes, mode: str) -> None:
        """Write in one request; ``create`` raises FileExistsError where something has that name."""
        with self._answering():
            self._files.pipe_file(self._at(name), content, mode=mode, chunksize=_IN_ONE_PIECE)

    def kept(self) -> Iterator[Kept]:
        """As Store."""
        for folder in self._listed(self._root):
            short = folder["name"].rpartition("/")[2]
            if folder["type"] != "directory" or len(short) != 2:
                continue
            for found in self._listed(folder["name"]):
                yield Kept(f"{short}/{found['name'].rpartition('/')[2]}", found["LastModified"])

    def clear_drafts(self) -> None:
        """As Store: there are none."""

    def keeps_what_is_removed(self) -> bool:
        """As Store."""
        with self._answering():
            return bool(self._files.is_bucket_versioned(self._bucket))

    def _listed(self, place: str) -> list[dict[str, Any]]:
        with suppress(FileNotFoundError), self._answering():
            return sorted(self._files.ls(place, detail=True, refresh=True), key=lambda found: str(found["name"]))
        return []

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """A request: what keeps it from its end is told with its remedy, but for what is or is not there."""
        try:
            yield
        except FileExistsError:
            raise
        except FileNotFoundError as error:
            if _code_of(error) == "NoSuchBucket":
                raise StoreUnreachableError(_NO_BUCKET.format(self._bucket)) from error
            raise
        except (PermissionError, NoCredentialsError, PartialCredentialsError) as error:
            raise StoreUnreachableError(_REFUSED.format(self._bucket)) from error
        except (OSError, BotoCoreError, ClientError) as error:
            raise StoreUnreachableError(_SILENT.format(self._bucket)) from error


@dataclass
class _Upload:
    """A file without a name on this machine, which goes to the bucket when it is whole."""

    bucket: StoreBucket
    file: BinaryIO

    def keep(self, name: str) -> bool:
        """As Draft."""
        try:
            self.bucket.put(name, self._content(), "create")
        except FileExistsError:
            return False
        return True

    def replace(self, name: str) -> None:
        """As Draft."""
        self.bucket.put(name, self._content(), "overwrite")

    def _content(self) -> bytes:
        self.file.seek(0)
        return self.file.read()


def _code_of(error: Exception) -> str | None:
    """What the server called it."""
    answer: dict[str, dict[str, str]] = getattr(error.__cause__, "response", {})
    return answer.get("Error", {}).get("Code")
