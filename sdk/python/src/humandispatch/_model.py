"""How JSON becomes typed objects and back. It knows no operation of the API."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from .errors import HumanDispatchError

M = TypeVar("M", bound="Model")


@dataclass(frozen=True, kw_only=True)
class Model:
    """An object of the API. ``raw`` is the JSON it was read from, also of what
    this version of the package does not know yet."""

    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_json(cls: type[M], data: Any) -> M:
        """Reads an object from parsed JSON, such as the ``raw`` of another."""
        return _read_model(cls, data, cls.__name__)  # type: ignore[no-any-return]


def wire(name: str, default: Any = MISSING) -> Any:
    """A field whose name in JSON is another."""
    if default is MISSING:
        return field(metadata={"wire": name})
    return field(default=default, metadata={"wire": name})


def decode(content: bytes) -> Any:
    """Parses JSON without rounding: a number with a fraction is a Decimal."""
    try:
        return json.loads(content, parse_float=Decimal)
    except ValueError as exc:
        raise HumanDispatchError(f"the answer is not what was expected: it is no JSON: {content[:80]!r}") from exc


def read_page(kind: type[M], key: str, data: Any) -> tuple[list[M], bool]:
    """The objects of one page of a list, and whether another follows."""
    page = _expect(dict, data, "the list")
    items = _expect(list, page.get(key), key)
    return [_read_model(kind, item, f"{key}[{i}]") for i, item in enumerate(items)], page.get("has_more") is True


def _read(kind: Any, data: Any, path: str) -> Any:
    if kind is Any:
        return plain(data)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        return _read(next(a for a in typing.get_args(kind) if a is not type(None)), data, path)
    if origin is typing.Literal:
        return data  # a server may know more values than this version
    if origin is list:
        (of,) = typing.get_args(kind)
        return [_read(of, item, f"{path}[{i}]") for i, item in enumerate(_expect(list, data, path))]
    if origin is dict:
        of = typing.get_args(kind)[1]
        return {key: _read(of, value, f"{path}.{key}") for key, value in _expect(dict, data, path).items()}
    if is_dataclass(kind):
        return _read_model(kind, data, path)
    if kind is datetime:
        return parse_time(_expect(str, data, path))
    if kind is Decimal:
        return Decimal(str(_expect((int, float, Decimal), data, path)))
    if kind is float:
        return float(_expect((int, float, Decimal), data, path))
    return _expect(kind, data, path)


def _read_model(cls: Any, data: Any, path: str) -> Any:
    data = _expect(dict, data, path)
    values = {}
    for name, wire_name, kind, required in _fields(cls):
        if wire_name in data:
            values[name] = _read(kind, data[wire_name], f"{path}.{wire_name}")
        elif required:
            raise HumanDispatchError(f"the answer is not what was expected: {path} has no {wire_name}")
    return cls(raw=plain(data), **values)


@lru_cache(maxsize=None)
def _fields(cls: Any) -> list[tuple[str, str, Any, bool]]:
    hints = typing.get_type_hints(cls)
    return [
        (f.name, f.metadata.get("wire", f.name), hints[f.name], f.default is MISSING)
        for f in fields(cls)
        if f.name != "raw"
    ]


def _expect(kind: Any, data: Any, path: str) -> Any:
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise HumanDispatchError(f"the answer is not what was expected: {path} is {data!r:.80}")
    return data


def plain(data: Any) -> Any:
    """JSON of a shape nobody promised: its fractions are floats, as everywhere in Python."""
    if isinstance(data, Decimal):
        return float(data)
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data


_time = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def parse_time(text: str) -> datetime:
    """Reads RFC 3339. Python keeps microseconds; what is finer is cut off."""
    match = _time.fullmatch(text)
    if not match:
        raise HumanDispatchError(f"the answer is not what was expected: {text!r} is not a point in time")
    seconds, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    return datetime.fromisoformat(f"{seconds}.{(fraction or '0')[:6]:0<6}{zone}")


def encode(value: Any) -> str:
    """Writes JSON, with Decimals as exact numbers and datetimes as RFC 3339."""
    if isinstance(value, Model):
        return encode(value.raw)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not an amount")
        return format(value, "f")
    if isinstance(value, datetime):
        return json.dumps(time_text(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{encode(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return "[" + ",".join(encode(item) for item in value) + "]"
    return json.dumps(value, allow_nan=False)


def time_text(value: datetime | str) -> str:
    """RFC 3339 of a point in time."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: use datetime.now(timezone.utc) or give it a tzinfo")
    return value.isoformat()
