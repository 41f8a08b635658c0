"""The smallest value that a JSON Schema allows: the answer to a request that only asks for a shape."""

from typing import Any


def smallest(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """Knows what structured outputs allow: objects, arrays, enums, const, anyOf, $ref. A loop ends in null."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > 20:
        return None
    if "$ref" in schema:
        return smallest(_at(root, str(schema["$ref"])), root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for choice in ("anyOf", "oneOf"):
        if schema.get(choice):
            return smallest(schema[choice][0], root, depth + 1)
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            wanted = schema.get("required", [])
            fields = schema.get("properties", {})
            return {name: smallest(fields.get(name), root, depth + 1) for name in wanted}
        case "array":
            return [smallest(schema.get("items"), root, depth + 1)] * schema.get("minItems", 0)
        case "string":
            return "ready"
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return None


def _at(root: Any, reference: str) -> Any:
    here = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        here = here.get(step) if isinstance(here, dict) and step else here
    return here
