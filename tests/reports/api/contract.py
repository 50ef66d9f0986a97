"""Is an answer what the OpenAPI document says? A small reading of the parts of JSON Schema it uses."""

from __future__ import annotations

import json
import re
from typing import Any

from reports.api.document import document

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def check(path: str, response: Any) -> None:
    """Fails with the place in the answer that the document does not allow."""
    described = document()
    asked = f"/api/v1/{path.partition('?')[0]}"
    patterns = {re.sub(r"\{\w+\}", "[^/]+", name): one for name, one in described["paths"].items()}
    operation = next((one for name, one in patterns.items() if re.fullmatch(name, asked)), None)
    if operation is None or response.status_code == 304:
        return
    declared = operation["get"]["responses"]
    content = {str(status): one for status, one in declared.items()}[str(response.status_code)]
    media = response["Content-Type"].partition(";")[0]
    conforms(json.loads(response.content), content["content"][media]["schema"], described, path)


def conforms(value: Any, schema: dict[str, Any], described: dict[str, Any], where: str) -> None:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        conforms(value, described["components"]["schemas"][name], described, where)
        return
    if "anyOf" in schema:
        assert any(_fits(value, one, described, where) for one in schema["anyOf"]), where
        return
    if "allOf" in schema:
        for one in schema["allOf"]:
            conforms(value, one, described, where)
        return
    expected = schema["type"]
    assert isinstance(value, TYPES[expected]), (where, value, expected)
    assert not (expected == "integer" and isinstance(value, bool)), (where, value)
    if "enum" in schema:
        assert value in schema["enum"], (where, value)
    if "pattern" in schema:
        assert re.search(schema["pattern"], value), (where, value)
    if expected == "array":
        for number, one in enumerate(value):
            conforms(one, schema["items"], described, f"{where}[{number}]")
    if expected == "object":
        if schema.get("additionalProperties") is True:
            return
        properties = schema["properties"]
        assert {*schema.get("required", ())} <= {*value}, (where, value)
        assert {*value} <= {*properties}, (where, {*value} - {*properties})
        for name, one in value.items():
            conforms(one, properties[name], described, f"{where}.{name}")


def _fits(value: Any, schema: dict[str, Any], described: dict[str, Any], where: str) -> bool:
    try:
        conforms(value, schema, described, where)
    except AssertionError:
        return False
    return True
