"""Write ``contract/protocol.ts`` from the Python contract: ``python js/generate_protocol.py``."""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
import typing
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from samwidget.editing import edits  # noqa: E402
from samwidget.jupyter import (  # noqa: E402
    found_messages,
    image_list_messages,
    look_messages,
    mask_messages,
    protocol,
    wire,
)
from samwidget.values.palette import COLORS  # noqa: E402

MODULES = (protocol, found_messages, image_list_messages, look_messages, mask_messages)
TARGET = ROOT / "js" / "contract" / "protocol.ts"
SCALARS = {int: "number", float: "number", str: "string", bool: "boolean", bytes: "DataView"}
NAMES = {int: "integer", float: "number", str: "string", bool: "boolean", bytes: "binary"}


def generate() -> str:
    """Give the whole text of the TypeScript side of the contract."""
    classes = [
        *(
            value
            for value in vars(protocol).values()
            if dataclasses.is_dataclass(value) and inspect.getmodule(value) in MODULES
        ),
        *wire.union_members(edits.WireEdit),
    ]
    parts = [
        "// Generated from jupyter/protocol.py by `python js/generate_protocol.py`: do not edit.",
        f"export const ISO_LEVEL = {protocol.ISO_LEVEL};",
        f"export const LEVEL_CLAMP = {protocol.LEVEL_CLAMP:g};",
        f"export const PALETTE = {json.dumps(COLORS)} as const;",
        *(_alias(name) for name in ("BoxXYXY", "ExtentXYWH", "Tool", "Phase", "Preset")),
        *(_interface(typing.cast(type, cls)) for cls in classes),
        _union("WireEdit", edits.WireEdit),
        _union("Request", protocol.Request),
        _union("Reply", protocol.Reply),
        _shapes(protocol.Snapshot, protocol.Update, *wire.union_members(protocol.Reply)),
    ]
    return "\n\n".join(parts) + "\n"


def _alias(name: str) -> str:
    return f"export type {name} = {_type(getattr(protocol, name), top=True)};"


def _union(name: str, hint: Any) -> str:
    members = "".join(f"\n  | {member.__name__}" for member in wire.union_members(hint))
    return f"export type {name} ={members};"


def _interface(cls: type) -> str:
    own_doc = cls.__dict__.get("__doc__") or ""
    doc = "" if own_doc.startswith(f"{cls.__name__}(") else inspect.cleandoc(own_doc)
    comment = f"/** {_flat(doc)} */\n" if doc else ""
    fields = "".join(
        f"  {name}: {_field_type(name, hint)};\n" for name, hint in wire.hints(cls).items()
    )
    return f"{comment}export interface {cls.__name__} {{\n{fields}}}"


def _field_type(name: str, hint: Any) -> str:
    # The two four-number types are one type to Python; the name's suffix tells them apart.
    text = _type(hint)
    return text.replace("BoxXYXY", "ExtentXYWH") if name.endswith("_xywh") else text


def _type(hint: Any, *, top: bool = False) -> str:
    named = {protocol.BoxXYXY: "BoxXYXY", protocol.Tool: "Tool", protocol.Phase: "Phase"}
    if not top and hint in named:
        return named[hint]
    members = wire.union_members(hint)
    if members:
        if hint == protocol.Request:
            return "Request"
        return " | ".join("null" if m is type(None) else _type(m) for m in members)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return " | ".join(f'"{a}"' if isinstance(a, str) else str(a) for a in args)
    if origin is list:
        inner = _type(args[0])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if origin is tuple:
        return "[" + ", ".join(map(_type, args)) + "]"
    if dataclasses.is_dataclass(hint):
        return typing.cast(type, hint).__name__
    return SCALARS[hint]


def _shapes(*roots: type) -> str:
    """Write what a guard has to know of the messages that come from the kernel."""
    shapes: dict[str, dict[str, Any]] = {}

    def add(cls: type) -> None:
        if cls.__name__ not in shapes:
            shapes[cls.__name__] = {}
            shapes[cls.__name__] = {name: shape(hint) for name, hint in wire.hints(cls).items()}

    def shape(hint: Any) -> Any:
        members = [member for member in wire.union_members(hint) if member is not type(None)]
        if members:
            return {"nullable": shape(members[0])}
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin is Literal:
            return {"one_of": list(args)}
        if origin is list:
            return {"list": shape(args[0])}
        if origin is tuple:
            return {"tuple": [shape(arg) for arg in args]}
        if dataclasses.is_dataclass(hint):
            cls = typing.cast(type, hint)
            add(cls)
            return {"fields_of": cls.__name__}
        return NAMES[hint]

    for root in roots:
        add(root)
    kinds = {
        typing.get_args(wire.hints(cls)["kind"])[0]: cls.__name__
        for cls in roots
        if "kind" in wire.hints(cls)
    }
    lines = "".join(f"  {name}: {json.dumps(fields)},\n" for name, fields in shapes.items())
    return (
        "/** What each field of what comes from the kernel holds, for `guards.ts`. */\n"
        f"export const SHAPES = {{\n{lines}}} as const;\n\n"
        "/** The messages that come from the kernel, by their kind. */\n"
        f"export const MESSAGES = {json.dumps(kinds)} as const;"
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
