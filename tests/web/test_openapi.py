"""The OpenAPI document: valid, whole, and true of real answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema
import openapi_spec_validator
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from starlette.routing import Route

from consent.web import described, openapi
from consent.web.operations import OPERATIONS
from consent.web.routes import ROUTES
from tests.acts import SITE, new_id
from tests.web import signing
from tests.web.stage import CONSENTS, Stage

BASE = "urn:openapi"
ASSETS = {"/assets/{name}"}


@pytest.fixture(scope="module")
async def document(stage: Stage) -> dict[str, Any]:
    answer = await stage.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = answer.json()
    return told


def check(document: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """The value against a schema that points into the document."""
    registry: Registry[Any] = Registry().with_resource(BASE, DRAFT202012.create_resource(document))
    text = json.dumps(schema).replace('"#/', f'"{BASE}#/')
    Draft202012Validator(json.loads(text), registry=registry).validate(value)


def operation_of(document: dict[str, Any], method: str, url: httpx.URL) -> dict[str, Any]:
    parts = url.path.split("/")
    for path, methods in document["paths"].items():
        pattern = path.split("/")
        is_it = len(pattern) == len(parts) and all(a[:1] == "{" or a == b for a, b in zip(pattern, parts, strict=True))
        if is_it and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    raise AssertionError(f"{method} {url.path} is not in the document")


async def test_the_document_is_openapi_3_1_in_its_shape(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= set(document["info"])
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, methods in document["paths"].items():
        assert path.startswith("/")
        for operation in methods.values():
            assert operation["summary"].endswith(".")
            assert operation["responses"]
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}
            assert all(one["required"] for one in operation.get("parameters", []) if one["in"] == "path")
            for status, told in operation["responses"].items():
                assert 200 <= int(status) < 600
                assert told["description"]


def test_a_validator_of_others_has_nothing_against_it() -> None:
    openapi_spec_validator.validate(openapi.document())


def test_every_parameter_is_told_and_every_example_is_one() -> None:
    document = openapi.document()
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(set(ids)) == len(ids)
    examples = 0
    for path, methods in document["paths"].items():
        assert {part[1:-1] for part in path.split("/") if part.startswith("{")} <= set(described.PATHS), path
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                assert parameter["schema"].keys() & {"type", "enum", "anyOf"}, (path, parameter)
            for media, body in operation.get("requestBody", {}).get("content", {}).items():
                if "example" in body:
                    examples += 1
                    check(document, body["schema"], body["example"])
                assert "example" in body or "$ref" not in body["schema"], (path, media)
    assert examples > 10


def test_what_a_key_needs_is_told_with_each_operation() -> None:
    document = openapi.document()
    for operation in OPERATIONS:
        told = document["paths"][operation.path][operation.method]
        assert ("security" in told) is (operation.scope is not None)
        if operation.scope:
            assert f"`{operation.scope}`" in told["description"]
            assert {"401", "403", "404", "503"} <= told["responses"].keys()
            assert "WWW-Authenticate" in told["responses"]["401"]["headers"]
        names = {one["name"] for one in told.get("parameters", [])}
        assert ("Idempotency-Key" in names) is operation.writes
        if "after" in names:
            assert "Link" in told["responses"]["200"]["headers"]


async def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used == set(document["components"]["schemas"])


async def test_every_route_is_in_it_and_nothing_else(document: dict[str, Any]) -> None:
    routes = set()
    for route in ROUTES:
        assert isinstance(route, Route)
        if route.path not in ASSETS and not route.path.startswith("/console/"):
            routes |= {(method.lower(), route.path) for method in (route.methods or set()) - {"HEAD"}}
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert described == routes


Call = tuple[str, str, dict[str, Any]]
API = f"/v1/sites/{SITE}"


def of_choices(body: dict[str, Any], keyed: dict[str, str]) -> list[Call]:
    """What is asked of consent records, notices and the log."""
    return [
        ("POST", CONSENTS, {"json": body}),
        ("POST", CONSENTS, {"json": body}),
        ("POST", CONSENTS, {"json": body | {"language": "es"}}),
        ("POST", CONSENTS, {"json": {}}),
        ("POST", CONSENTS, {"content": b"{", "headers": {"Content-Type": "text/plain"}}),
        ("POST", CONSENTS, {"content": b"{", "headers": {"Content-Type": "text/html"}}),
        ("POST", CONSENTS, {"content": b" " * 20_000, "headers": {"Content-Type": "text/plain"}}),
        ("POST", CONSENTS, {"json": body, "headers": {"Origin": "null"}}),
        ("POST", "/v1/sites/nobody/consents", {"json": body}),
        ("POST", f"{API}/events", {"json": {"kind": "notice_shown"}}),
        ("POST", f"{API}/events", {"json": {"kind": "x"}}),
        ("GET", CONSENTS, {"headers": keyed}),
        ("GET", CONSENTS, {}),
        ("GET", f"{CONSENTS}?x=1", {"headers": keyed}),
        ("GET", CONSENTS, {"headers": keyed | {"Accept": "application/x-ndjson"}}),
        ("GET", CONSENTS, {"headers": keyed | {"Accept": "text/csv"}}),
        ("GET", f"{API}/notices", {"headers": keyed}),
        ("POST", f"{API}/notices", {"headers": keyed | {"Content-Type": "text/plain"}, "content": b"x"}),
        ("GET", f"{API}/notices/{body['notice']}", {"headers": keyed}),
        ("GET", f"{API}/notices/x", {"headers": keyed}),
        ("GET", f"{API}/subjects/{body['subject']}", {"headers": keyed}),
        ("POST", f"{API}/tokens/verify", {"headers": keyed, "json": {"token": "x"}}),
        ("GET", f"{API}/log/checkpoint", {"headers": keyed}),
        ("GET", f"{API}/log/checkpoint", {"headers": keyed | {"Accept": "application/json"}}),
        ("GET", f"{API}/log/proof?record={body['id']}", {"headers": keyed}),
        ("GET", f"{API}/log/proof?old=1", {"headers": keyed}),
        ("GET", f"{API}/log/proof", {"headers": keyed}),
    ]


def of_newsletters(body: dict[str, Any], keyed: dict[str, str], reader: str) -> list[Call]:
    """What is asked of sign-ups, readers and what is owed to them."""
    return [
        ("POST", f"{API}/signups", {"json": signing.body()}),
        ("POST", f"{API}/signups", {"json": signing.body(lists=[])}),
        ("POST", f"{API}/signups", {"data": signing.form()}),
        ("POST", f"{API}/signups", {"data": signing.form(email="")}),
        ("POST", f"{API}/signups", {"content": b"{", "headers": {"Content-Type": "text/plain"}}),
        ("POST", f"{API}/signups", {"content": b"{", "headers": {"Content-Type": "text/html"}}),
        ("POST", f"{API}/signups", {"json": signing.body(), "headers": {"Origin": "null"}}),
        ("GET", f"{API}/signups/challenge", {}),
        ("GET", "/v1/sites/nobody/signups/challenge", {}),
        ("GET", f"/newsletter/{SITE}", {}),
        ("GET", "/newsletter/nobody", {}),
        ("GET", f"/newsletter/{SITE}/asked", {}),
        ("POST", f"/newsletter/{SITE}/link", {"data": {"email": "a@example.org"}}),
        ("POST", f"{API}/subscribers/lookup", {"headers": keyed, "json": {"email": reader}}),
        ("POST", f"{API}/subscribers/lookup", {"headers": keyed, "json": {"email": signing.new_address()}}),
        ("GET", f"{API}/subscribers", {"headers": keyed}),
        ("GET", f"{API}/subscribers", {"headers": keyed | {"Accept": "application/x-ndjson"}}),
        ("GET", f"{API}/subscribers", {"headers": keyed | {"Accept": "text/csv"}}),
        ("GET", f"{API}/subscribers?x=1", {"headers": keyed}),
        ("POST", f"{API}/subscribers/erase", {"headers": keyed, "json": {"email": reader}}),
        ("GET", f"{API}/suppressions", {"headers": keyed}),
        ("GET", f"{API}/outbox?state=waiting", {"headers": keyed}),
        ("GET", f"{API}/outbox?state=done", {"headers": keyed}),
        ("GET", f"{API}/outbox?state=dropped", {"headers": keyed}),
        ("POST", f"{API}/outbox/replay", {"headers": keyed, "json": {}}),
        ("POST", f"{API}/outbox/replay", {"headers": keyed, "json": {"id": body["id"]}}),
        ("GET", f"{API}/stats/newsletter", {"headers": keyed}),
        ("GET", f"{API}/stats/newsletter?by=x", {"headers": keyed}),
    ]


async def test_real_answers_are_as_the_document_says(stage: Stage, document: dict[str, Any]) -> None:
    key, reader = await stage.key("read", "write", "erase"), await signing.subscribed(stage)
    keyed = {"Authorization": f"Bearer {key}"}
    body = stage.body(services={"youtube": True})
    asked: list[Call] = [
        *of_choices(body, keyed),
        *of_newsletters(body, keyed, reader),
        ("GET", f"/w/{SITE}.js", {}),
        ("GET", "/w/x", {}),
        *(("GET", path, {}) for path in document["paths"] if "{" not in path),
    ]
    for method, path, more in asked:
        answer = await stage.client().request(method, path, **more)
        told = operation_of(document, method, answer.request.url)["responses"].get(str(answer.status_code))
        assert told is not None, (method, path, answer.status_code, answer.text[:200])
        if not told.get("content"):
            assert answer.content == b""
            continue
        media = answer.headers["content-type"].partition(";")[0]
        assert media in told["content"], (method, path, answer.status_code)
        if media in ("application/json", "application/problem+json"):
            check(document, told["content"][media]["schema"], answer.json())


async def test_bodies_that_the_document_allows_are_read_and_others_are_not(
    stage: Stage, document: dict[str, Any]
) -> None:
    schema = operation_of(document, "POST", httpx.URL(CONSENTS))["requestBody"]["content"]["text/plain"]["schema"]
    check(document, schema, stage.body(gpc=True, page="https://x.example/", decided_at="2026-11-22T10:00:00Z"))
    for change in (
        {"id": "X"},
        {"gpc": 1},
        {"purposes": {"a": 1}},
        {"action": "x"},
        {"unknown": 1},
        {"subject": new_id() + "\n"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            check(document, schema, stage.body(**change))


async def test_lines_of_an_export_are_the_records_schema(stage: Stage, document: dict[str, Any]) -> None:
    await stage.give(services={"youtube": False}, tcf="C")
    key = await stage.key("read")
    for line in (await stage.asked("/consents", key)).json()["consents"]:
        name = "ErasedLine" if "erased_at" in line else "AuditLine" if line["kind"] == "audit" else "Line"
        check(document, {"$ref": f"#/components/schemas/{name}"}, line)
        assert set(line) <= set(document["components"]["schemas"][name]["properties"])
