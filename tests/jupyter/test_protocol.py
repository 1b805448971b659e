from __future__ import annotations

import base64
import importlib.util
import json
import typing
from pathlib import Path
from typing import Any

import pytest

from samwidget.jupyter import protocol, wire
from samwidget.jupyter.protocol import ProtocolError, parse_envelope

ROOT = Path(__file__).resolve().parents[2]


def golden(name: str) -> list[Any]:
    """Messages that the front end's tests read, too."""
    text = (ROOT / "tests" / "fixtures" / "messages" / f"{name}.json").read_text(encoding="utf-8")
    return [pytest.param(entry, id=entry["name"]) for entry in json.loads(text)]


REQUESTS, REPLIES, STATES = golden("requests"), golden("replies"), golden("state")
UPDATES = golden("updates")


def kind_of(member: type) -> str:
    return str(typing.get_args(wire.hints(member)["kind"])[0])


def kinds(union: Any) -> set[str]:
    return {kind_of(member) for member in wire.union_members(union)}


def buffers_of(entry: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(text) for text in entry["buffers_base64"]]


def test_typescript_is_generated_from_this_contract() -> None:
    path = ROOT / "js" / "generate_protocol.py"
    spec = importlib.util.spec_from_file_location("generate_protocol", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    committed = (ROOT / "js" / "contract" / "protocol.ts").read_text(encoding="utf-8")
    assert committed == generator.generate(), "run `python js/generate_protocol.py`"


@pytest.mark.parametrize("entry", REQUESTS)
def test_golden_requests(entry: dict[str, Any]) -> None:
    if entry["valid"]:
        assert wire.to_wire(parse_envelope(entry["content"])) == entry["content"]
    else:
        with pytest.raises(ProtocolError) as caught:
            parse_envelope(entry["content"])
        assert str(caught.value).startswith(entry["error"])


@pytest.mark.parametrize("entry", REPLIES)
def test_golden_replies(entry: dict[str, Any]) -> None:
    members = {kind_of(member): member for member in wire.union_members(protocol.Reply)}
    member = members[entry["content"]["kind"]]
    reply = wire.parse(member, entry["content"], buffers_of(entry), path="reply")
    assert protocol.pack(reply) == (entry["content"], buffers_of(entry))


@pytest.mark.parametrize("entry", UPDATES)
def test_golden_updates(entry: dict[str, Any]) -> None:
    update = wire.parse(protocol.Update, entry["content"], buffers_of(entry), path="update")
    assert protocol.pack(update) == (entry["content"], buffers_of(entry))


@pytest.mark.parametrize("entry", STATES)
def test_golden_states(entry: dict[str, Any]) -> None:
    state = wire.parse(protocol.SyncedState, entry["content"], buffers_of(entry), path="state")
    assert wire.pack(state) == (entry["content"], buffers_of(entry))


def test_every_kind_has_a_golden_message() -> None:
    valid = [param.values[0] for param in REQUESTS if param.values[0]["valid"]]
    assert {entry["content"]["request"]["kind"] for entry in valid} == kinds(protocol.Request)
    replies = [param.values[0] for param in REPLIES]
    assert {entry["content"]["kind"] for entry in replies} == kinds(protocol.Reply)


@pytest.mark.parametrize(
    ("content", "address"),
    [
        ({"client": "me", "seq": 3, "request": 7}, ("me", 3)),
        ({"client": "me", "seq": "one"}, ("me", None)),
        ({"client": 5, "seq": True}, (None, None)),
        ("hello", (None, None)),
        (None, (None, None)),
    ],
)
def test_return_address_of_a_broken_message(content: object, address: tuple) -> None:
    assert protocol.return_address(content) == address
