"""What publishers paste: run by a real JavaScript engine, and held against what each tool's maker documents."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from consent import embedding
from consent.notices import Notice, compile_notice, read_site_file
from tests.provision.needs import NODE
from tests.running import MIAMI
from tests.words.sites.making import altered, notice, tables

VECTORS = json.loads((Path(__file__).parent / "vectors" / "consent-modes.json").read_text("utf-8"))
SITE = compile_notice(read_site_file(MIAMI.read_bytes()))
URL = "https://consent.example"
EVERY = ("google", "microsoft_uet", "microsoft_clarity", "meta", "matomo", "tiktok", "wordpress", "shopify")
# Runs the boot script in a bare page, some of whose queues may be there already, and tells what then stands in it.
RUN = """
const [boot, before] = JSON.parse(process.argv[1]);
const events = [];
globalThis.window = globalThis;
globalThis.document = { dispatchEvent: (event) => events.push(event.type) };
Object.assign(globalThis, before);
const usual = new Set(Object.getOwnPropertyNames(globalThis));
(0, eval)(boot);
const isCall = (entry) => Object.prototype.toString.call(entry) === "[object Arguments]";
const told = {
  names: Object.getOwnPropertyNames(globalThis).filter((name) => !usual.has(name)).sort(),
  dataLayer: globalThis.dataLayer?.map((entry) => (isCall(entry) ? ["gtag", ...entry] : entry)),
  uetq: globalThis.uetq,
  clarity: globalThis.clarity?.q?.map((entry) => ["clarity", ...entry]),
  _paq: globalThis._paq,
  wp_consent_type: globalThis.wp_consent_type,
  events,
};
process.stdout.write(JSON.stringify(told));
"""


def ran(boot: str, **before: Any) -> dict[str, Any]:
    """What the script leaves in a page that has these globals."""
    command = [str(NODE.path()), "-e", RUN, json.dumps([boot, before])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def naming(*signals: str, regime: str = "auto") -> Notice:
    """A notice of which one purpose names these signals."""
    raw = altered(("purposes", 1, "signals"), list(signals))
    altered(("purposes", 2, "signals"), [], raw)
    return notice(altered(("consent", "regime"), regime, raw))


def test_everything_is_denied_as_its_maker_documents_it() -> None:
    told = ran(embedding.boot(SITE))
    assert told["dataLayer"] == VECTORS["google"]["page_load_no_choice"]
    assert ["uetq.push", *told["uetq"]] == VECTORS["microsoft_uet"]["default"]
    assert [["_paq.push", call] for call in told["_paq"]] == [VECTORS["matomo"]["before_trackPageView"]]
    both = {"ad_Storage": "denied", "analytics_Storage": "denied"}
    assert told["clarity"] == [["clarity", "consentv2", both]]
    assert both.keys() == VECTORS["microsoft_clarity"]["call"][2].keys()
    assert (told["wp_consent_type"], told["events"]) == ("optin", ["wp_consent_type_defined"])
    assert told["names"] == ["_paq", "clarity", "dataLayer", "uetq", "wp_consent_type"]


def test_what_nobody_may_refuse_is_granted_from_the_start() -> None:
    raw = altered(("purposes", 0, "signals"), ["functionality_storage", "analytics_storage"])
    altered(("purposes", 1, "signals"), ["analytics_storage"], raw)
    [default, *_] = ran(embedding.boot(notice(raw)))["dataLayer"]
    assert default[3]["functionality_storage"] == "granted"
    assert default[3]["analytics_storage"] == "denied"


def test_queues_that_are_there_already_are_added_to() -> None:
    told = ran(embedding.boot(SITE), dataLayer=[{"event": "x"}], uetq=["y"], _paq=[["z"]])
    assert told["dataLayer"] == [{"event": "x"}, *VECTORS["google"]["page_load_no_choice"]]
    assert (told["uetq"][0], told["_paq"][0]) == ("y", ["z"])


@pytest.mark.parametrize(
    ("muted", "names"),
    [
        ("google", ["_paq", "clarity", "uetq", "wp_consent_type"]),
        ("microsoft_uet", ["_paq", "clarity", "dataLayer", "wp_consent_type"]),
        ("microsoft_clarity", ["_paq", "dataLayer", "uetq", "wp_consent_type"]),
        ("matomo", ["clarity", "dataLayer", "uetq", "wp_consent_type"]),
        ("wordpress", ["_paq", "clarity", "dataLayer", "uetq"]),
    ],
)
def test_what_is_switched_off_is_left_out(muted: str, names: list[str]) -> None:
    assert ran(embedding.boot(SITE, (muted,)))["names"] == names


@pytest.mark.parametrize(
    ("signals", "names"),
    [
        (["analytics_storage"], ["_paq", "clarity", "dataLayer", "wp_consent_type"]),
        (["ad_storage"], ["dataLayer", "uetq", "wp_consent_type"]),
        (["functionality_storage"], ["dataLayer", "wp_consent_type"]),
    ],
)
def test_only_tools_are_told_that_some_purpose_is_about(signals: list[str], names: list[str]) -> None:
    assert ran(embedding.boot(naming(*signals)))["names"] == names


@pytest.mark.parametrize("signals", [[], ["security_storage"]])
def test_without_signals_there_is_only_the_loader(signals: list[str]) -> None:
    told = embedding.snippet(naming(*signals), URL)
    assert told == f'<script src="{URL}/w/harbour-post.js" async></script>'


@pytest.mark.parametrize(
    ("regime", "kind"), [("auto", "optin"), ("opt_in", "optin"), ("opt_out", "optout"), ("notice_only", "optout")]
)
def test_wordpress_is_told_how_visitors_are_asked(regime: str, kind: str) -> None:
    assert ran(embedding.boot(naming("ad_storage", regime=regime)))["wp_consent_type"] == kind


def test_what_cannot_be_told_so_early_is_said_in_words() -> None:
    assert "fbq(" in embedding.snippet(SITE, URL)
    assert "ttq." in embedding.snippet(SITE, URL)
    assert "fbq(" not in embedding.snippet(SITE, URL, ("meta",))
    assert "<!--" not in embedding.snippet(SITE, URL, ("meta", "tiktok"))
    assert "<!--" not in embedding.snippet(naming("analytics_storage"), URL)
    assert embedding.snippet(SITE, URL, EVERY) == f'<script src="{URL}/w/miami-new-times.js" async></script>'


def test_a_nonce_has_a_place_in_each_tag() -> None:
    told = embedding.snippet(SITE, URL, nonce=True)
    assert len(re.findall(r'<script[^>]* nonce="NONCE"', told)) == len(re.findall(r"<script", told)) == 2
    assert told.replace(' nonce="NONCE"', "") == embedding.snippet(SITE, URL)


def test_it_stays_small_and_is_one_script_element() -> None:
    boot = embedding.boot(SITE)
    assert len(boot) <= 800
    assert "<" not in boot
    assert boot == embedding.boot(notice(tables()))  # of what a site says, only its signals and its regime count
