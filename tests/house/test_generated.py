"""Files made from code are what the code makes, and the documents name all there is."""

from __future__ import annotations

import re
from typing import get_args

import msgspec
from starlette.routing import Route

from consent import notices
from consent.directory import SiteSettings
from consent.lint.rules import RULES
from consent.newsletter import SignupRequest
from consent.notices import Layer, Partner
from consent.records import Action, Answer, ConsentRequest
from consent.regimes import STRICTEST, Layout, Regime
from consent.services import Services
from consent.settings import SETTINGS
from consent.web import scripts
from consent.web.operations import OPERATIONS
from consent.web.routes import ROUTES
from consent.web.scripts import Variant
from tests.acts import SITE
from tests.cli.test_calls import NAMES
from tests.house import generate
from tests.house.reading import ROOT
from tests.web.telling import told_in

README = (ROOT / "README.md").read_text("utf-8")
WIRE = (ROOT / "widget" / "src" / "wire.ts").read_text("utf-8")


def fields(interface: str) -> dict[str, bool]:
    """An interface's fields in wire.ts, each with whether it must be there."""
    body = re.search(rf"export interface {interface} (?:extends \w+ )?{{(.*?)\n}}", WIRE, re.DOTALL)
    assert body, interface
    return {name: not mark for name, mark in re.findall(r"^  (\w+)(\??):", body[1], re.MULTILINE)}


def test_generated_files_are_what_the_code_makes() -> None:
    stale = [str(path.relative_to(ROOT)) for path in generate.stale()]
    assert stale == [], "run python -m tests.house.generate"


def test_nothing_else_lies_among_the_generated_files() -> None:
    assert set(generate.SCHEMAS.iterdir()) <= set(generate.files())


def test_the_readme_names_every_command_and_setting() -> None:
    groups = {name for name in NAMES if any(other.startswith(f"{name} ") for other in NAMES)}
    for name in set(NAMES) - groups:
        assert f"consent {name}" in README, name
    for setting in SETTINGS:
        assert f"`{setting.name}`" in README


def test_documents_count_the_rules_as_they_are() -> None:
    assert f"{len(RULES)} rules" in README
    assert f"{len(RULES)} rules" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_route_is_in_the_openapi_document() -> None:
    routes = {
        (method.lower(), route.path)
        for route in ROUTES
        if isinstance(route, Route) and route.path != "/assets/{name}" and not route.path.startswith("/console/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}


def test_what_the_widget_sends_and_reads_has_the_structs_fields() -> None:
    sent = fields("ConsentBody")
    assert set(sent) <= set(ConsentRequest.__struct_fields__)
    needed = {field.name for field in msgspec.structs.fields(ConsentRequest) if field.required}
    assert needed <= {name for name, is_there in sent.items() if is_there}
    assert fields("Receipt") == dict.fromkeys(Answer.__struct_fields__, True)


def test_what_the_widget_signs_up_with_has_the_structs_fields() -> None:
    sent = fields("SignedUp") | fields("SignupBody")
    known = {field.encode_name: field.required for field in msgspec.structs.fields(SignupRequest)}
    assert set(sent) <= set(known)
    assert {name for name, is_needed in known.items() if is_needed} <= {
        name for name, is_sure in sent.items() if is_sure
    }


async def test_what_the_service_bakes_into_the_loader_has_the_widgets_fields(services: Services) -> None:
    """A plain site is told what must be there, and one with everything unusual all that there is."""
    plain, wanted = services.directory.get(SITE), fields("Settings")
    every = msgspec.structs.replace(
        plain,
        settings=SiteSettings(
            origins=(), cookie_domain="a.example", cookie_by_service=True, reload=False, mute=("meta",)
        ),
        notice=msgspec.structs.replace(plain.notice, refusal_days=30, languages=("en", "no")),
        partner_origins=("https://b.example",),
    )
    usual, whole = (
        told_in(
            scripts.loader(scripts.settings(site, "", "0" * 16), site.notice, Variant(STRICTEST, gpc=site is every))
        )
        for site in (plain, every)
    )
    assert {name for name, is_there in wanted.items() if is_there} <= set(usual) <= set(wanted)
    assert set(whole) == set(wanted)
    assert set(fields("Layout")) == set(usual["layout"]) == set(Layout.__struct_fields__)
    assert set().union(*usual["purposes"]) == set(fields("Purpose"))


async def test_what_the_layers_are_told_has_the_widgets_fields(services: Services) -> None:
    notice = services.directory.get(SITE).notice
    partners = (Partner(id="b", name="B"),)
    every = msgspec.structs.replace(notice, together=partners)
    for layer in get_args(Layer):
        interface = f"{layer.capitalize()}Words"
        shown = notices.layer_texts(every, "en", layer)
        assert set(shown) == (set(fields(interface)) if layer != "carry" else set()), layer
    second = notices.layer_texts(every, "en", "preferences")
    assert set().union(*second["purposes"]) == set(fields("PurposeWords"))
    assert set().union(*second["purposes"][1]["services"]) == set(fields("ServiceWords"))


def test_the_widgets_words_are_the_structs() -> None:
    for name, kind in (("Action", Action), ("Regime", Regime), ("LayerName", Layer)):
        listed = re.search(rf"export type {name} =([^;]*);", WIRE)
        assert listed
        assert set(re.findall(r'"(\w+)"', listed[1])) <= set(get_args(kind))
