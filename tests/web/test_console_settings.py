"""The console's settings: what to paste and the checker, keys, webhooks with their deliveries, the audit trail."""

from __future__ import annotations

import re

from consent.sync.guard import Guard
from tests.acts import SITE
from tests.signing_in import posted, signed_in
from tests.sync.receiver import LOOPBACK, receiving
from tests.web.stage import Stage, replaced

HOME = f"/console/sites/{SITE}/settings"


async def test_what_to_paste_is_what_the_checker_finds_right(stage: Stage) -> None:
    owner = await signed_in(stage)
    page = await stage.http.get(HOME, headers=owner)
    pastes = [unescaped(one) for one in re.findall(r"<pre [^>]*>(.*?)</pre>", page.text, re.DOTALL)]
    assert len(pastes) == 5 and f"/w/{SITE}.js" in pastes[0]
    html = f"<html><head>{pastes[0]}{pastes[1]}</head><body>{pastes[2]}{pastes[3]}</body></html>"
    good = await posted(stage.http, HOME, owner, html=html)
    assert good.status_code == 200 and "The page embeds the widget rightly." in good.text
    bad = await posted(stage.http, HOME, owner, html="<script>fbq('init')</script>")
    assert "Something has to be mended." in bad.text and "The widget&#39;s tag is not on this page." in bad.text
    assert "fbq(&#39;init&#39;)" in bad.text, "what was pasted is there still, and inert"
    assert (await posted(stage.http, HOME, owner, html=" ")).status_code == 422


def unescaped(words: str) -> str:
    """HTML's text as it is read."""
    import html

    return html.unescape(words)


async def test_a_key_is_made_shown_once_used_and_revoked(stage: Stage) -> None:
    owner = await signed_in(stage)
    made = await posted(stage.http, f"{HOME}/keys", owner, name="Night export", scope=["read"], days="30")
    [key] = re.findall(r"ck_[\w-]+", made.text)
    assert made.headers["cache-control"] == "no-store"
    assert (await stage.asked("/notices", key)).status_code == 200
    listed = await stage.http.get(f"{HOME}/keys", headers=owner)
    assert key not in listed.text and "Night export" in listed.text and "in force" in listed.text
    [id_] = re.findall(r'name="id" value="([^"]+)"[^>]*><button[^>]*Revoke Night export', listed.text)
    assert (await posted(stage.http, f"{HOME}/keys/revoke", owner, id=id_)).status_code == 303
    assert (await stage.asked("/notices", key)).status_code == 401
    refused = await posted(stage.http, f"{HOME}/keys", owner, name="No scope")
    assert refused.status_code == 422 and "No scope" in refused.text and "ck_" not in refused.text
    trail = (await stage.http.get(f"{HOME}/audit", headers=owner)).text
    assert "Key made" in trail and "Key revoked" in trail and key not in trail


async def test_a_webhook_is_connected_tried_and_taken_away(stage: Stage) -> None:
    owner, place = await signed_in(stage), f"{HOME}/webhooks"
    form = (await stage.http.get(f"{place}/new", headers=owner)).text
    assert "signup.confirmed" in form
    provider = (await stage.http.get(f"{place}/new?kind=listmonk", headers=owner)).text
    assert 'name="secrets.token"' in provider and 'name="lists.top-stories"' in provider
    async with receiving() as receiver:
        open_stage = Guard(opens=LOOPBACK)
        stage.services = replaced(stage.services, "guard", open_stage)
        stage.state = {**stage.state, "services": stage.services}
        made = await posted(stage.http, place, owner, kind="webhook", url=receiver.url, event=["signup.confirmed"])
        assert made.status_code == 200 and "whsec_" in made.text
        listed = (await stage.http.get(place, headers=owner)).text
        [endpoint] = re.findall(r"settings/webhooks/([0-9a-f-]{36})", listed)[-1:]
        tried = await posted(stage.http, f"{place}/{endpoint}", owner, do="test")
        assert "It was told, and took it." in tried.text and len(receiver.got) == 1
        await open_stage.close()
    assert "whsec_" not in (await stage.http.get(f"{place}/{endpoint}", headers=owner)).text
    assert (await posted(stage.http, f"{place}/{endpoint}", owner, do="remove")).status_code == 303
    assert (await stage.http.get(f"{place}/{endpoint}", headers=owner)).status_code == 404
    wrong = await posted(stage.http, place, owner, kind="webhook", url="ftp://example.org", event="signup.confirmed")
    assert wrong.status_code == 422 and 'value="ftp://example.org"' in wrong.text
    wrong = await posted(stage.http, place, owner, kind="listmonk", url="https://lists.example.org")
    assert wrong.status_code == 422 and "secrets-token-fault" in wrong.text
    assert (await posted(stage.http, place, owner, kind="pigeon")).status_code == 404


async def test_the_trail_goes_on_over_many_acts(stage: Stage) -> None:
    from consent import auditing

    owner = await signed_in(stage)
    for number in range(55):
        await auditing.note(stage.services, SITE, auditing.COMMAND, "key.made", {"number": number})
    first = (await stage.http.get(f"{HOME}/audit", headers=owner)).text
    assert "the command line" in first and first.count("<tr id=") == 50
    [older] = re.findall(r'href="([^"]+)" rel="next"', first)
    rest = (await stage.http.get(older, headers=owner)).text
    assert "number</span> 0<" in rest
    assert (await stage.http.get(f"{HOME}/audit?before=x", headers=owner)).status_code == 200
