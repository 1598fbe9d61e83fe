"""The contract for programs and for people: JSON schemas, and the tables of docs/billing.md."""

from __future__ import annotations

from typing import Any

from billing.column_types import Choice
from billing.contract import EXPORTS, TABLES, VERSION, BillingTable
from billing.manifest import Manifest


def schemas() -> dict[str, Any]:
    """JSON schema of the manifest, and of a row of each table as its texts stand in a file, ours for billing too."""
    return {
        "version": VERSION,
        "manifest": Manifest.model_json_schema(by_alias=True),
        "rows": {table.name: _row(table) for table in TABLES},
        "exports": {table.name: _row(table) for table in EXPORTS},
    }


def markdown() -> str:
    """All tables, as the documentation has them."""
    return "\n\n".join(_described(table) for table in (*TABLES, *EXPORTS))


def _row(table: BillingTable) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for column in table.columns:
        schema = {"title": column.label, "description": column.note, **column.kind.schema()}
        properties[column.name] = schema if column.required else {"anyOf": [schema, {"const": ""}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table.label,
        "description": table.note,
        "type": "object",
        "properties": properties,
        "required": list(table.names),
    }


def _described(table: BillingTable) -> str:
    lines = [f"### {table.name}", "", f"{table.note} Key: {', '.join(f'`{name}`' for name in table.key)}.", ""]
    lines += ["| column | Polish | value | needed | |", "| --- | --- | --- | --- | --- |"]
    for column in table.columns:
        words = (
            [f"`{word}` ({label})" for word, label in column.kind.words.items()]
            if isinstance(column.kind, Choice)
            else []
        )
        value = ", ".join(words) or column.kind.name
        needed = "yes" if column.required else ""
        lines.append(f"| `{column.name}` | {column.label} | {value} | {needed} | {column.note} |")
    told = [f"`{one.column}` is in `{one.table}`" for one in table.references]
    told += [rule.note for rule in table.rules]
    told += [f"`{table.of_period}` lies in the period of the delivery"] if table.of_period else []
    return "\n".join([*lines, "", f"Checked: {'; '.join(told)}." if told else "Nothing more is checked."])
