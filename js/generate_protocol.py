"""Write ``js/contract/protocol.ts`` from the Python contract: ``python js/generate_protocol.py``."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from samwidget.editing import edits  # noqa: E402
from samwidget.jupyter import protocol, wire  # noqa: E402

TARGET = ROOT / "js" / "contract" / "protocol.ts"
SCALARS = {int: "number", float: "number", str: "string", bool: "boolean", bytes: "DataView"}


def generate() -> str:
    """Give the whole text of the TypeScript side of the contract."""
    classes = [
        value
        for module in (protocol, edits)
        for value in vars(module).values()
        if dataclasses.is_dataclass(value) and inspect.getmodule(value) is module
        if module is protocol or value in wire.union_members(edits.WireEdit)
    ]
    parts = [
        "// Generated from jupyter/protocol.py by `python js/generate_protocol.py`: do not edit.",
        f"export const ISO_LEVEL = {protocol.ISO_LEVEL};",
        *(_alias(name) for name in ("BoxXYXY", "ExtentXYWH", "Tool", "Phase")),
        *(_interface(typing.cast(type, cls)) for cls in classes),
        _union("WireEdit", edits.WireEdit),
        _union("Request", protocol.Request),
        _union("Reply", protocol.Reply),
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


def _flat(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
