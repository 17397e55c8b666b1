"""The OpenAPI document: the same models that the door validates with."""

from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from fondaco.core.capability import Capability, Catalogue, Effect
from fondaco.core.errors import ErrorBody
from fondaco.surfaces.example import example_inputs
from fondaco.surfaces.fields import inputs_of

Mode = Literal["validation", "serialization"]
REFERENCE = "#/components/schemas/{model}"
_ERRORS = {
    "401": "No key, or none of this desk.",
    "403": "A rule forbids it, or the key's role does.",
    "404": "What was named does not exist.",
    "409": "It was already done, or what it rests on has changed.",
    "422": "An input is missing, unknown or out of range.",
    "500": "A fault of the desk itself.",
    "503": "Something that is needed is down or full; try again later.",
}
_REQUEST_ID = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "makes the call happen once, however often it is sent; the same key with "
    "other inputs is refused",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128},
}


def operation(cap: Capability) -> dict[str, Any]:
    """Return what FastAPI cannot know of a route: its inputs, header and answers."""
    error = {"application/json": {"schema": {"$ref": REFERENCE.format(model="ErrorBody")}}}
    responses: dict[str, Any] = {
        status: {"description": words, "content": error} for status, words in _ERRORS.items()
    }
    answered = "200" if cap.job is None else "202"
    words = "The result." if cap.job is None else "The job; `Location` is where to follow it."
    responses[answered] = {"description": words, "content": {"application/json": {}}}
    if cap.effect is Effect.READ:
        return {"responses": responses}
    media: dict[str, Any] = {"schema": {"$ref": REFERENCE.format(model=cap.inputs.__name__)}}
    if (example := example_inputs(cap)) is not None:
        media["example"] = example
    body = {
        "content": {"application/json": media},
        "required": any(i.required for i in inputs_of(cap)),
    }
    return {"parameters": [_REQUEST_ID], "requestBody": body, "responses": responses}


def _parameters(cap: Capability) -> list[dict[str, Any]]:
    properties = cap.inputs.model_json_schema(ref_template=REFERENCE).get("properties", {})
    example = example_inputs(cap) or {}
    found = []
    for field in inputs_of(cap):
        parameter = {
            "name": field.name,
            "in": "query",
            "required": field.required,
            "description": field.description,
            "schema": properties[field.name],
        }
        if field.name in example:
            parameter["example"] = example[field.name]
        found.append(parameter)
    return found


def openapi(api: FastAPI, catalogue: Catalogue) -> dict[str, Any]:
    """Return the whole document; it is made on the first call and kept."""
    if api.openapi_schema is None:
        document = get_openapi(title=api.title, version=_version(), routes=api.routes)
        caps = list(catalogue)
        models: list[tuple[str, Mode, TypeAdapter[Any]]] = [
            *((f"{c.name} in", "validation", TypeAdapter(c.inputs)) for c in caps),
            *((c.name, "serialization", c.output) for c in caps),
            ("error", "serialization", TypeAdapter(ErrorBody)),
        ]
        found, definitions = TypeAdapter.json_schemas(models, ref_template=REFERENCE)
        for cap in caps:
            _complete(document, cap, found[(cap.name, "serialization")])
        components = document.setdefault("components", {})
        components["schemas"] = definitions.get("$defs", {})
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        document["security"] = [{"bearer": []}, {"key": []}]
        document["servers"] = [{"url": "/api/v1"}]
        api.openapi_schema = document
    return api.openapi_schema


def _complete(document: dict[str, Any], cap: Capability, result: dict[str, Any]) -> None:
    """Put in what FastAPI would alter: it drops every null, also the defaults that are null."""
    reads = cap.effect is Effect.READ
    place = document["paths"]["/" + cap.name.replace(".", "/")]["get" if reads else "post"]
    if reads:
        place["parameters"] = _parameters(cap)
    answered = place["responses"]["200" if cap.job is None else "202"]
    answered["content"]["application/json"] = {"schema": result}
    if cap.job is not None:
        place["responses"].pop("200", None)


def _version() -> str:
    from importlib.metadata import version

    return version("fondaco")
