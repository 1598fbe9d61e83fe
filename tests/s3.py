"""An S3 server of the tests' own (moto), as a process, and a bucket in it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from cli.ports import free_port
from cli.running import answers
from tests.waiting import pause

BUCKET = "ebok-tests"
_SERVE = """
import logging, sys
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
logging.getLogger("werkzeug").setLevel(logging.ERROR)
app = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", int(sys.argv[1]), app, True, request_handler=MotoRequestHandler)
server.serve_forever()
"""


@dataclass(frozen=True)
class S3:
    """A running server."""

    endpoint: str

    def environment(self, prefix: str | None = None) -> dict[str, str]:
        """What a process needs to keep originals there, under a prefix that nobody else has."""
        return {
            "EBOK_ORIGINALS_URL": f"s3://{BUCKET}/{prefix or uuid4().hex}",
            "EBOK_ORIGINALS_ENDPOINT": self.endpoint,
            "AWS_ACCESS_KEY_ID": "ebok",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def running_s3() -> Iterator[S3]:
    """Start it, make the bucket, stop it."""
    server = S3(f"http://127.0.0.1:{free_port('127.0.0.1', 0)}")
    port = server.endpoint.rpartition(":")[2]
    process = subprocess.Popen((sys.executable, "-c", _SERVE, port))
    with process:
        try:
            while not answers(f"{server.endpoint}/moto-api/"):
                assert process.poll() is None, "the S3 server ended before it answered"
                pause()
            made = urllib.request.Request(f"{server.endpoint}/{BUCKET}", method="PUT")
            with urllib.request.urlopen(made, timeout=10):
                pass
            yield server
        finally:
            process.terminate()
