from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

from samwidget.weights import detectors
from samwidget.weights.detectors import (
    DETECTOR_RECORDS,
    DetectorRecord,
    detector_folder,
    find_detector_record,
    locate_detector,
)
from samwidget.weights.records import CheckpointError

CONTENTS = {"config.json": b'{"model_type": "owlv2"}', "model.safetensors": b"weights" * 1000}


class Site:
    """A web site; a test sets what lies at which path."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: dict[str, bytes] = {}
        self.asked: list[str] = []


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            body = site.bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def a_record(name: str = "tiny-owl") -> DetectorRecord:
    files = tuple(
        detectors._File(file, len(body), hashlib.sha256(body).hexdigest())
        for file, body in CONTENTS.items()
    )
    return DetectorRecord(name, ("Owner/tiny-owl",), "Owner/tiny-owl", "a" * 40, "MIT", files)


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DetectorRecord:
    """The only model there is by name, with no network to fetch it over."""
    record = a_record()
    names = (record.name, *record.aliases)
    monkeypatch.setattr(detectors, "_BY_NAME", {name.lower(): record for name in names})
    monkeypatch.setattr(detectors, "HUGGING_FACE", "http://127.0.0.1:9")
    monkeypatch.setenv("SAMWIDGET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    return record


def put(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, body in CONTENTS.items():
        (folder / name).write_bytes(body)
    return folder


def put_in_hugging_faces_cache(hub: Path, commit: str) -> Path:
    repository = hub / "models--Owner--tiny-owl"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    return put(repository / "snapshots" / commit)


def test_what_is_in_the_cache_is_taken_whatever_it_is_called(record: DetectorRecord) -> None:
    folder = put(detector_folder(record))
    for name in ("tiny-owl", "Tiny-OWL ", "owner/tiny-owl", "Owner/tiny-owl"):
        assert locate_detector(name) == folder


def test_a_folder_called_like_a_model_is_not_meant_by_the_plain_name(
    record: DetectorRecord, tmp_path: Path
) -> None:
    put(tmp_path / "tiny-owl")
    cached = put(detector_folder(record))
    assert locate_detector("tiny-owl") == cached
    assert locate_detector("./tiny-owl") == Path("tiny-owl")
    assert locate_detector(tmp_path / "tiny-owl") == tmp_path / "tiny-owl"
    assert locate_detector(Path("tiny-owl")) == Path("tiny-owl")


def test_home_may_be_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = put(tmp_path / "models" / "owl")
    assert locate_detector("~/models/owl") == folder


def test_what_other_programs_have_fetched_is_used(record: DetectorRecord, tmp_path: Path) -> None:
    held = put_in_hugging_faces_cache(tmp_path / "hub", record.revision)
    assert locate_detector("tiny-owl") == held


def test_another_revision_is_used_if_it_has_the_same_files(
    record: DetectorRecord, tmp_path: Path
) -> None:
    held = put_in_hugging_faces_cache(tmp_path / "hub", "b" * 40)
    assert locate_detector("tiny-owl") == held
    (held / "model.safetensors").write_bytes(b"others")
    with pytest.raises(CheckpointError, match="cannot be reached"):
        locate_detector("tiny-owl")


def test_a_repository_without_a_record_is_used_if_it_is_here(
    record: DetectorRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(detectors, "_BY_NAME", {})
    held = put_in_hugging_faces_cache(tmp_path / "hub", "c" * 40)
    assert locate_detector("Owner/tiny-owl") == held


def test_files_are_fetched_once_and_checked(
    record: DetectorRecord, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detectors, "HUGGING_FACE", site.url)
    base = f"/Owner/tiny-owl/resolve/{'a' * 40}/"
    site.bodies = {base + name: body for name, body in CONTENTS.items()}
    told: list[float] = []
    folder = locate_detector("tiny-owl", progress=told.append)
    assert folder == detector_folder(record)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENTS
    assert told == sorted(told)
    assert told[-1] == 1
    requests = len(site.asked)
    assert locate_detector("tiny-owl") == folder
    assert len(site.asked) == requests == 2


def test_a_wrong_file_is_refused_and_not_kept(
    record: DetectorRecord, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detectors, "HUGGING_FACE", site.url)
    base = f"/Owner/tiny-owl/resolve/{'a' * 40}/"
    site.bodies = {base + name: body for name, body in CONTENTS.items()}
    site.bodies[base + "model.safetensors"] = b"Weights" * 1000
    with pytest.raises(CheckpointError, match="a file with other contents"):
        locate_detector("tiny-owl", progress=lambda _: None)
    assert [path.name for path in detector_folder(record).iterdir()] == ["config.json"]


def test_without_a_network_it_is_told_what_to_put_where(record: DetectorRecord) -> None:
    with pytest.raises(CheckpointError) as caught:
        locate_detector("tiny-owl", progress=lambda _: None)
    text = str(caught.value)
    assert str(detector_folder(record) / "config.json") in text
    assert "'tiny-owl' needs all of config.json, model.safetensors from http://127.0.0.1:9/" in text
    assert f"Owner/tiny-owl/tree/{'a' * 40} in that folder" in text
    assert "\n" not in text


MISSING = {
    "an unknown name": ("owl9", "no model for text and no folder 'owl9'. .*'owlv2'.*'clip'"),
    "a repository that is not here": ("nobody/owl", "no folder 'nobody/owl'"),
    "a path": ("./nowhere/at/all", "no folder './nowhere/at/all'"),
    "a very long name": ("x" * 999, f"no folder '{'x' * 50}"),
    "no repository's name": ("not/..valid--", "no folder"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "message"), MISSING.values(), ids=MISSING)
def test_what_is_nowhere_is_told_with_what_there_is(
    record: DetectorRecord, name: str, message: str
) -> None:
    with pytest.raises(CheckpointError, match=message):
        locate_detector(name)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.touch()
    with pytest.raises(CheckpointError, match=r"model.safetensors is a file; .* is a folder"):
        locate_detector(file)


def test_the_records_are_whole() -> None:
    names = [name for one in DETECTOR_RECORDS for name in (one.name, *one.aliases)]
    assert len({name.lower() for name in names}) == len(names)
    for record in DETECTOR_RECORDS:
        assert len(record.revision) == 40
        assert find_detector_record(record.repository) is record
        assert {len(file.sha256) for file in record.files} == {64}
        assert {"config.json", "preprocessor_config.json"} <= {file.name for file in record.files}
        assert max(record.files, key=lambda file: file.size_bytes) is record.files[-1]
        assert {one.url.split("/resolve/")[0] for one in record.records if one.url} == {
            f"https://huggingface.co/{record.repository}"
        }
