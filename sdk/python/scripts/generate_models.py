"""Writes models.py (what the API answers) and params.py (what it is sent) from
the OpenAPI document.

    python scripts/generate_models.py openapi.json

The document is what a server answers under /openapi.json. A test compares what
is committed with the document of the server it started.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1] / "src" / "humandispatch"

# Schemas whose name says more about the server than about what they are.
NAMES = {
    "Asked": "TemplateDeliverable",
    "CheckIn": "ReceiptCheckin",
    "Data": "EventData",
    "Decision": "PolicyDecision",
    "Deliverable": "WantedDeliverable",
    "DispatchDeliverable": "Deliverable",
    "DownloadableFile": "StoredFile",
    "Endpoint": "Webhook",
    "Entry": "LedgerEntry",
    "Funded": "SandboxFunding",
    "File": "ReceiptFile",
    "Match": "PolicyMatch",
    "Override": "CheckOverride",
    "Posting": "ReceiptPosting",
    "Report": "Preflight",
    "Rule": "ValidationRule",
    "Signed": "SignedReceipt",
    "Signature": "ReceiptSignature",
}

# Schemas that are another one and more: they become its subclasses.
EXTENDS = {
    "AcceptedWorkOrder": "WorkOrder",
    "CancelledBooking": "Booking",
    "CreatedTask": "Task",
    "FoundTalent": "Talent",
    "Invitation": "QuoteRequest",
    "RegisteredTalent": "Talent",
    "SecretWebhook": "Endpoint",
}

# Money is exact: a Decimal. The document has one type for money and measures.
MONEY = {"amount", "available", "in_escrow", "max_total", "platform_fee", "to_requester", "to_talent"}

# The API fills these in when a request leaves them out; the schema is also that
# of its answers, where they are always there.
FILLED_IN = {("Location", "radius_m")}

HEAD = '"""{doc}\n\nWritten by scripts/generate_models.py from the OpenAPI document. Not to be edited.\n"""\n\n'


class Document:
    def __init__(self, document: dict[str, Any]) -> None:
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        operations = [
            operation for path in document["paths"].values() for operation in path.values() if isinstance(operation, dict)
        ]
        self.answered = self._reached(
            content["schema"]
            for operation in operations
            for status, response in operation["responses"].items()
            if status.startswith("2")
            for content in response.get("content", {}).values()
        )
        # Bodies are keyword arguments of the methods; only what is nested in them needs a type.
        bodies = [
            self._resolve(content["schema"])
            for operation in operations
            for content in operation.get("requestBody", {}).get("content", {}).values()
        ]
        self.sent = self._reached(field for body in bodies for field in body.get("properties", {}).values())

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in schema:
            resolved: dict[str, Any] = self.schemas[reference(schema)]
            return resolved
        return schema

    def _reached(self, roots: Any) -> set[str]:
        reached: set[str] = set()
        waiting = list(roots)
        while waiting:
            found = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(waiting.pop())))
            waiting += [self.schemas[name] for name in found - reached]
            reached |= found
        return reached

    def models(self) -> str:
        out = HEAD.format(doc="What the API answers.") + (
            "from __future__ import annotations\n\n"
            "from dataclasses import dataclass\n"
            "from datetime import datetime\n"
            "from decimal import Decimal\n"
            "from typing import Any, Literal\n\n"
            "from ._model import Model, wire\n"
        )
        # List… are pages, which this package types itself.
        names = {name for name in self.answered if not self._is_page(name)}
        parents_first = sorted(names, key=lambda name: (name in EXTENDS, python_name(name)))
        for name in parents_first:
            out += self._model(name)
        exported = sorted(python_name(name) for name in names)
        return out + "\n\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in exported) + "]\n"

    def _is_page(self, name: str) -> bool:
        return "has_more" in self.schemas[name].get("properties", {})

    def _model(self, name: str) -> str:
        schema, parent = self.schemas[name], EXTENDS.get(name)
        inherited = self.schemas[parent]["properties"] if parent else {}
        required = set(schema.get("required", []))
        out = f"\n\n@dataclass(frozen=True, kw_only=True)\nclass {python_name(name)}({python_name(parent) if parent else 'Model'}):\n"
        fields = ""
        for field, definition in schema["properties"].items():
            if field in inherited:
                continue
            kind = self._type(field, definition, sent=False)
            attribute = attribute_name(field)
            if field not in required and not kind.endswith("| None"):
                kind += " | None"
            default = ""
            if attribute != field:
                default = f' = wire("{field}")' if field in required else f' = wire("{field}", default=None)'
            elif field not in required:
                default = " = None"
            fields += comment(definition) + f"    {attribute}: {kind}{default}\n"
        return out + (fields or "    pass\n")

    def params(self) -> str:
        out = HEAD.format(doc="What the API is sent inside the bodies of requests.") + (
            "from __future__ import annotations\n\n"
            "from collections.abc import Mapping, Sequence\n"
            "from datetime import datetime\n"
            "from decimal import Decimal\n"
            "from typing import Any, Literal, TypedDict, Union\n\n"
        )
        out += (
            "#: Major units of the currency. A float is sent as it prints: 249.5.\n"
            "Amount = Union[Decimal, int, float]\n\n"
            "#: A point in time: a datetime with a time zone, or text such as 2026-04-22T10:00:00-04:00.\n"
            "Time = Union[datetime, str]\n"
        )
        names = sorted(self.sent, key=python_name)
        for name in names:
            out += self._param(name)
        exported = sorted(["Amount", "Time", *map(python_name, names)])
        return out + "\n\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in exported) + "]\n"

    def _param(self, name: str) -> str:
        schema = self.schemas[name]
        required = {field for field in schema.get("required", []) if (name, field) not in FILLED_IN}
        must = {field: d for field, d in schema["properties"].items() if field in required}
        may = {field: d for field, d in schema["properties"].items() if field not in required}
        out = ""
        # NotRequired is not in Python 3.10: what must be given is a class of its own.
        base = "TypedDict"
        if must and may:
            base = f"_{python_name(name)}"
            out += f"\n\nclass {base}(TypedDict):\n" + self._entries(must)
        total = ", total=False" if may else ""
        return out + f"\n\nclass {python_name(name)}({base}{total}):\n" + self._entries(may or must)

    def _entries(self, fields: dict[str, Any]) -> str:
        return "".join(
            comment(definition) + f"    {field}: {self._type(field, definition, sent=True)}\n"
            for field, definition in fields.items()
        )

    def _type(self, field: str, schema: dict[str, Any], sent: bool) -> str:
        if "$ref" in schema:
            return python_name(reference(schema))
        kinds = schema.get("type", "any")
        nullable = isinstance(kinds, list) and "null" in kinds
        kind = next(k for k in kinds if k != "null") if isinstance(kinds, list) else kinds
        if "enum" in schema and kind == "string":
            out = "Literal[" + ", ".join(json.dumps(value) for value in schema["enum"] if value is not None) + "]"
        elif kind == "string":
            is_time = schema.get("format") == "date-time"
            out = ("Time" if sent else "datetime") if is_time else "str"
        elif kind == "number":
            out = ("Amount" if sent else "Decimal") if field in MONEY else "float"
        elif kind == "integer":
            out = "int"
        elif kind == "boolean":
            out = "bool"
        elif kind == "array":
            out = f"{'Sequence' if sent else 'list'}[{self._type('', schema['items'], sent)}]"
        elif kind == "object":
            values = schema.get("additionalProperties", {})
            of = self._type("", values if isinstance(values, dict) else {}, sent)
            out = f"{'Mapping' if sent else 'dict'}[str, {of}]"
        else:
            return "Any"
        return out + " | None" if nullable else out


def reference(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def python_name(schema: str) -> str:
    return NAMES.get(schema, schema)


def attribute_name(field: str) -> str:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", field).lower()
    return snake + "_" if keyword.iskeyword(snake) else snake


def comment(schema: dict[str, Any]) -> str:
    text = " ".join(schema.get("description", "").split())
    return f"    #: {text}\n" if text else ""


def main() -> None:
    document = Document(json.loads(Path(sys.argv[1]).read_text()))
    (PACKAGE / "models.py").write_text(document.models())
    (PACKAGE / "params.py").write_text(document.params())


if __name__ == "__main__":
    main()
