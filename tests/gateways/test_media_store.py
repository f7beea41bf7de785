"""The media store keeps, returns and removes, in a folder and in an S3-compatible bucket alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from prosa.errors import Invalid, NotFound, Unavailable
from prosa.gateways import media_store
from prosa.settings import Settings


@pytest.fixture(scope="module")
def bucket() -> Iterator[Settings]:
    """Settings of a bucket at an S3-compatible server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="media")
    yield Settings(
        media_url="s3://media/prosa", media_endpoint=endpoint, media_region="us-east-1", media_access_key_id="key",
        media_secret_access_key="secret",
    )  # fmt: skip
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, bucket: Settings) -> Settings:
    return bucket if request.param == "bucket" else Settings(prosa_home=tmp_path)


def test_what_is_kept_comes_back_until_it_is_removed(store: Settings) -> None:
    media_store.put(store, "7/1/2", b"first")
    media_store.put(store, "7/1/2", b"second")
    assert media_store.get(store, "7/1/2") == b"second"
    media_store.delete(store, "7/1/2")
    media_store.delete(store, "7/1/2")
    with pytest.raises(NotFound):
        media_store.get(store, "7/1/2")


def test_a_folder_goes_with_all_below_it_and_its_neighbours_stay(store: Settings) -> None:
    for key in ("8/1/2", "8/3/4", "80/1/2"):
        media_store.put(store, key, b"x")
    media_store.delete_below(store, "8")
    media_store.delete_below(store, "8")
    for key in ("8/1/2", "8/3/4"):
        with pytest.raises(NotFound):
            media_store.get(store, key)
    assert media_store.get(store, "80/1/2") == b"x"


def test_a_part_is_streamed_in_pieces(store: Settings) -> None:
    data = bytes(range(256)) * 4096
    media_store.put(store, "7/1/3", data)
    assert b"".join(media_store.stream(store, "7/1/3", 0, len(data))) == data
    assert b"".join(media_store.stream(store, "7/1/3", 100, 700_000)) == data[100:700_000]
    with pytest.raises(NotFound):
        media_store.stream(store, "7/1/4", 0, 10)


def test_supabases_endpoint_follows_from_its_url() -> None:
    settings = Settings(supabase_url="https://abc.supabase.co/", media_url="s3://media")
    assert media_store.s3_endpoint(settings) == "https://abc.supabase.co/storage/v1/s3"
    assert media_store.s3_endpoint(replace(settings, media_endpoint="http://minio:9000")) == "http://minio:9000"


@pytest.mark.parametrize("url", ["https://media", "s3://", "/media"])
def test_an_address_that_is_no_bucket_is_said_to_be_none(url: str) -> None:
    with pytest.raises(Invalid, match="s3://bucket"):
        media_store.put(Settings(media_url=url), "a", b"")


def test_a_store_that_does_not_answer_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("no folder")
    with pytest.raises(Unavailable):
        media_store.put(Settings(prosa_home=tmp_path), "a", b"")


def test_a_bucket_that_is_not_there_is_named_and_nothing_counts_as_removed(bucket: Settings) -> None:
    elsewhere = replace(bucket, media_url="s3://no-such-bucket")
    with pytest.raises(Unavailable, match="no such bucket: see MEDIA_URL"):
        media_store.put(elsewhere, "a", b"")
    with pytest.raises(Unavailable):
        media_store.delete(elsewhere, "a")
