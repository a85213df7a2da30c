"""An S3-compatible object storage for tests: moto's server, as a process of its own."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from urllib.error import URLError

import boto3

BUCKET = "kept"
REGION = "ap-northeast-1"
KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}
PATIENCE = 60


@contextmanager
def running() -> Iterator[str]:
    """The server's address, while it runs; it forgets everything when it ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **KEYS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.kill()
        process.wait()


def empty_bucket(address: str) -> None:
    """Let there be a bucket that holds nothing."""
    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST"))  # noqa: S310
    client(address).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def client(address: str):
    """A client that goes past the portal's storage."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def storage_url(address: str) -> str:
    return f"s3://{BUCKET}?endpoint={address}&region={REGION}"


def _wait_for(address: str) -> None:
    since = monotonic()
    while True:
        try:
            urllib.request.urlopen(f"{address}/moto-api/")  # noqa: S310
        except URLError:
            if monotonic() - since > PATIENCE:
                raise
            sleep(0.1)
        else:
            return
