"""What an operator sees: what is late, what is counted, and one line an event that tells nobody's secrets."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import re
from importlib.resources import files

import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from consent import ids, lines
from consent.cli.dashboards import dashboard
from consent.clock import DAY
from consent.storage import backups
from tests.acts import SITE
from tests.clock import SetClock
from tests.trips.newsletters import EMAIL, subscribe
from tests.web.stage import CONSENTS, MIAMI_ORIGIN, Stage, staged

NAME = re.compile(r"\bconsent_[a-z_]+\b")
HOUR = 3_600_000


async def test_ready_names_its_parts_and_who_is_late(database_url: str, clock: SetClock) -> None:
    async with staged(database_url, clock) as stage:
        found = (await stage.http.get("/readyz")).json()
        assert found["status"] == "ok"
        assert {"store", "writer", "schema", "outbox", "courier", "sweeper", "departures"} <= set(found["parts"])
        await subscribe(stage.services, EMAIL)
        stage.services.pulse.beat("sweeper")
        clock.forward(DAY)
        answer = await stage.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["parts"]["sweeper"] == "late"
        async with stage.services.database.writing() as writer:
            await writer.execute("INSERT INTO migrations (name, digest, applied_at) VALUES ('9999_later', 'x', 1)")
        assert (await stage.http.get("/readyz")).json()["parts"]["schema"] == "newer than this program"
        async with stage.services.database.writing() as writer:
            await writer.execute("DELETE FROM migrations WHERE name IN ('9999_later', '0013_backups')")
        assert (await stage.http.get("/readyz")).status_code == 503
        await stage.services.recorder.close()
        assert (await stage.http.get("/readyz")).json()["detail"] == "the writer is not running: restart the service"


async def test_the_figures_tell_how_it_stands(stage: Stage) -> None:
    await stage.give()
    now = stage.services.clock()
    made = backups.Backup(
        id=ids.uuid7(now).bytes, kind="whole", made_at=now - HOUR, bytes=7, rows_kept=1, is_encrypted=0, checked_at=now
    )
    before = sample(await page(stage), "consent_backup_age_seconds")
    async with stage.services.database.writing() as writer:
        await backups.add(writer, made)
    told = await page(stage)
    assert (before, sample(told, "consent_backup_age_seconds")) == (-1, 3600)
    assert sample(told, "consent_log_records", site=SITE) >= 1
    assert sample(told, "consent_http_seconds_count", endpoint="give") == 1
    assert sample(told, "consent_part_late", part="courier") == 0
    assert sample(told, "consent_info", engine=stage.services.database.engine) == 1


async def page(stage: Stage) -> str:
    return (await stage.http.get("/metrics")).text


def sample(text: str, name: str, **labels: str) -> float:
    """The one sample of this name with these labels."""
    found = [
        one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == name and labels.items() <= one.labels.items()
    ]
    assert len(found) == 1, (name, found)
    return float(found[0])


async def test_every_figure_that_is_drawn_or_watched_is_there(stage: Stage) -> None:
    """And every one that is there has words of its own."""
    families = list(text_string_to_metric_families(await page(stage)))
    there = {
        name + ending
        for family in families
        for name in (family.name,)
        for ending in ("", *({"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ())))
    }
    assert all(family.documentation for family in families)
    drawn = CliRunner().invoke(dashboard, []).output
    watched = CliRunner().invoke(dashboard, ["--alerts"]).output
    panels = [panel for panel in json.loads(drawn)["panels"] if panel["type"] != "row"]
    written = [target["expr"] for panel in panels for target in panel["targets"]]
    written += re.findall(r"expr: (.+)", watched)
    used = {name for expression in written for name in NAME.findall(expression)}
    assert len(written) > 30
    assert used <= there, used - there
    assert [family.name for family in families if not any(name.startswith(family.name) for name in used)] == []
    for expression in written:
        assert expression.count("(") == expression.count(")"), expression
        assert not re.search(r"(?<!increase\()(?<!rate\()consent_\w+_total", expression), expression
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["description"] for panel in panels)
    assert "mend: " in files("consent").joinpath("operations", "alerts.yaml").read_text("utf-8")


@pytest.mark.parametrize("given", ["0123456789abcdef0123456789abcdef", "5f0e7c1a-0b7c-4c1a-9b1a-0b7c4c1a9b1a"])
async def test_a_request_keeps_the_id_that_a_proxy_gave_it(stage: Stage, given: str) -> None:
    answer = await stage.http.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


async def test_what_may_be_kept_has_no_id(stage: Stage) -> None:
    """Or a cache would give a stranger's to everybody."""
    for path in (f"/w/{SITE}.js", "/.well-known/gpc.json", "/assets/nothing"):
        answer = await stage.http.get(path, headers={"X-Request-Id": "0123456789abcdef"})
        assert ("x-request-id" in answer.headers) is (answer.headers["cache-control"] == "no-store"), path
    assert "x-request-id" not in (await stage.http.get(f"/w/{SITE}.js")).headers


async def test_what_is_no_id_is_not_taken_for_one(stage: Stage) -> None:
    for given in ("reader@example.org", "198.51.100.77", "short", "a" * 65, "0123456789abcdef\tx", ""):
        made = (await stage.http.get("/nowhere", headers={"X-Request-Id": given})).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{16}", made)


async def test_a_line_is_json_with_the_requests_id_and_no_secret(stage: Stage) -> None:
    """Everything at DEBUG, as the service writes it: a person's whole way, and whatever a stranger sends."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(lines.JsonLine())
    root, ours = logging.getLogger(), logging.getLogger("consent")
    before = root.level, ours.level, lines.access.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    lines.access.setLevel(logging.INFO)
    try:
        key = await stage.key("read")
        client = stage.client("198.51.100.77")
        headers = {"X-Request-Id": "feedfeedfeedfeed", "Origin": MIAMI_ORIGIN, "Cookie": "canary-cookie=1"}
        await client.post(CONSENTS, json=stage.body(page="https://x.example/canary-page"), headers=headers)
        await client.get("/canary-path?canary=1", headers={"Authorization": f"Bearer {key}"})
        await subscribe(stage.services, "canary@example.org")
        await client.get("/v1/sites/canary-site/subscribers?list=canary", headers={"Authorization": f"Bearer {key}"})
        logging.getLogger("consent.web").error("a fault", exc_info=ValueError("of ours"))
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        lines.access.setLevel(before[2])
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    ours_told = [line for line in told if not line["logger"].startswith(("httpx", "httpcore"))]
    answers = [line for line in ours_told if line["logger"] == "consent.access"]
    assert (answers[0]["endpoint"], answers[0]["status"]) == ("give", 201)
    assert answers[0]["request"] == "feedfeedfeedfeed"
    assert answers[0]["ms"] > 0
    assert {"at", "level", "logger", "message", "request", "method", "endpoint", "status", "ms"} == set(answers[0])
    assert any("ValueError: of ours" in line.get("fault", "") for line in ours_told)
    for secret in ("canary", "198.51.100.77", key):
        assert secret not in json.dumps(ours_told), secret


def test_text_is_for_people_and_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.LogRecord("consent.x", logging.WARNING, "", 0, "it %s", ("happens",), None)
    token = lines.request_id.set("feedfeedfeedfeed")
    try:
        assert lines.TextLine().format(record).endswith("WARNING consent.x it happens (request feedfeedfeedfeed)")
    finally:
        lines.request_id.reset(token)
    assert json.loads(lines.JsonLine().format(record))["message"] == "it happens"
    for form in ("text", "json"):
        config = lines.config("json" if form == "json" else "text", has_access=False)
        assert config["loggers"]["consent.access"]["level"] == "WARNING"
        assert logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["line"])
