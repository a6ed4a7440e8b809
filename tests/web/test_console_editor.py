"""The notice editor without scripts, from the first draft to publishing and rolling back; two editors; files."""

from __future__ import annotations

import re
import tomllib

import pytest

from consent.auditing import COMMAND
from consent.editing import drafting
from consent.editing.merging import differences
from consent.notices import plain, read_site_file
from tests.acts import SITE
from tests.running import MIAMI, publish
from tests.signing_in import signed_in
from tests.web.filling import Page, Person
from tests.web.stage import Stage

NOTICE = f"/console/sites/{SITE}/notice"
WHOLE = "Save and see what would change"


@pytest.fixture(autouse=True)
async def as_published(stage: Stage) -> None:
    """Every test begins with the Miami file in force and no drafts."""
    await publish(stage.services)
    async with stage.services.database.writing() as writer:
        await writer.execute("DELETE FROM draft_versions")
        await writer.execute("DELETE FROM drafts")


async def person(stage: Stage, role: str = "editor") -> Person:
    """Somebody signed in."""
    return Person(stage, await signed_in(stage, role))  # type: ignore[arg-type]


async def begun(somebody: Person) -> tuple[Page, str]:
    """A new draft's first section, and its address."""
    page = await somebody.press(await somebody.open(NOTICE), "Begin a draft")
    assert page.response.status_code == 200
    return page, somebody.at.removesuffix("/site")


def messages(page: Page) -> list[str]:
    """What is to be mended in fields, and in all of the page's lists of it."""
    found = re.findall(r'<p class="fault[^"]*"(?: id="[^"]*")?>(.+?)</p>', page.text)
    return [re.sub(r"<[^>]+>", "", one) for one in found]


async def test_the_whole_way_without_a_script(stage: Stage) -> None:
    ana = await person(stage)
    before = stage.services.directory.get(SITE)
    page, draft = await begun(ana)
    assert "The draft is begun" in page.text

    page.form("/site").put(name="Miami Newer Times", **{"controller.email": "nobody"})
    page = await ana.press(page, "Save")
    assert "Saved as version 2." in page.text
    assert ["an e-mail address" in one for one in messages(page)] == [True]
    assert 'aria-invalid="true"' in page.text

    page = await ana.press(page, WHOLE)
    assert "has to be mended" in page.text and "controller.email" in page.text
    assert "Publish" not in [label for form in page.forms for label in form.buttons]

    page = await ana.open(f"{draft}/site")
    page.form("/site").put(**{"controller.email": "privacy@miaminewtimes.com"})
    page = await ana.press(page, "Save")
    assert messages(page) == []

    page = await ana.open(f"{draft}/purposes")
    page = await ana.press(page, "Add a purpose")
    assert ana.at == f"{draft}/purposes/4"
    words = {f"purposes[4].{key}.{tag}": f"{key} {tag}" for key in ("name", "description") for tag in ("en", "es")}
    page.form("/purposes/4").put(**words, **{"purposes[4].id": "surveys"})
    page = await ana.press(page, "Add a service")
    assert ana.at == f"{draft}/purposes/4/services/0"
    page.form("/services/0").put(
        **{
            "purposes[4].services[0].name": "Askers",
            "purposes[4].services[0].provider": "Askers GmbH",
            "purposes[4].services[0].privacy_policy": "https://askers.example/privacy",
        }
    )
    page = await ana.press(page, "Add a cookie")
    cookie = "purposes[4].services[0].cookies[0]"
    page.form("/services/0").put(**{f"{cookie}.lifetime": "30 days", f"{cookie}.about.en": "Remembers an answer."})
    page = await ana.press(page, "Save")
    page = await ana.open(f"{draft}/purposes")
    page = await ana.press(page, "Up name en")
    opened = (await drafting.opened(stage.services, SITE, draft.rpartition("/")[2])).tables
    purposes: list[dict[str, object]] = opened["purposes"]  # type: ignore[assignment]
    assert [one["id"] for one in purposes] == ["necessary", "analytics", "content", "surveys", "advertising"]
    assert purposes[3]["services"] == [
        {
            "id": "service-1",
            "name": "Askers",
            "provider": "Askers GmbH",
            "privacy_policy": "https://askers.example/privacy",
            "cookies": [{"name": "cookie-1", "lifetime": "30 days", "about": "Remembers an answer."}],
        }
    ]

    page = await ana.press(page, WHOLE)
    assert "What visitors see" in page.text and "Material" in page.text
    assert stage.services.directory.get(SITE).digest == before.digest
    page = await ana.press(page, "Publish")
    assert f"Publication {before.revision + 1} is in force. Visitors are asked again." in page.text
    assert stage.services.directory.get(SITE).notice.name == "Miami Newer Times"

    page = await ana.open(f"{NOTICE}/roll-back/{before.revision}")
    assert "purpose “surveys”" in page.text
    page = await ana.press(page, "Roll back")
    assert f"Rolled back to publication {before.revision}." in page.text
    assert stage.services.directory.get(SITE).digest == before.digest


async def test_a_form_that_is_sent_as_it_was_shown_changes_nothing(stage: Stage) -> None:
    ana = await person(stage)
    _, draft = await begun(ana)
    sections = ["site", "languages", "purposes", "texts", "look", "regimes", "newsletter", "advanced", "texts/es"]
    sections += [f"purposes/{at}" for at in range(4)] + ["purposes/1/services/0", "purposes/2/services/1"]
    for section in sections:
        page = await ana.press(await ana.open(f"{draft}/{section}"), "Save")
        raw = (await drafting.opened(stage.services, SITE, draft.rpartition("/")[2])).tables
        assert differences(raw, plain(read_site_file(MIAMI.read_bytes()))) == [], section
        assert "Nothing was changed." in page.text, section
    raw = (await drafting.opened(stage.services, SITE, draft.rpartition("/")[2])).tables
    assert raw == plain(read_site_file(MIAMI.read_bytes()))


async def test_languages_come_move_and_go_with_their_words(stage: Stage) -> None:
    ana = await person(stage)
    _, draft = await begun(ana)
    page = await ana.open(f"{draft}/languages")
    page.form("/languages").put(wanted="de")
    page = await ana.press(page, "Add the language Another language")
    assert "German (de)" in page.text and "12 more to mend in other sections" in page.text
    page = await ana.press(page, "Remove Spanish (es)")
    page = await ana.press(page, "Up German (de)")
    raw = (await drafting.opened(stage.services, SITE, draft.rpartition("/")[2])).tables
    assert raw["languages"] == ["de", "en"] and '"es"' not in str(raw).replace("'", '"')
    page = await ana.open(f"{draft}/texts/de")
    assert 'placeholder="Alle akzeptieren"' in page.text or "Akzeptieren" in page.text


async def test_two_editors(stage: Stage) -> None:
    ana, ben = await person(stage), await person(stage)
    anas, draft = await begun(ana)
    bens = await ben.open(f"{draft}/site")
    anas.form("/site").put(name="Ana’s Times")
    await ana.press(anas, "Save")
    bens.form("/site").put(**{"controller.name": "Ben, LLC"})
    page = await ben.press(bens, "Save")
    assert "together with what person" in page.text and "Ana’s Times" in page.text and "Ben, LLC" in page.text

    bens = await ben.open(f"{draft}/site")
    anas = await ana.open(f"{draft}/site")
    await ana.press(anas, "Save", anas.form("/site").put(name="Ana’s Daily"))
    page = await ben.press(bens, "Save", bens.form("/site").put(name="Ben’s Daily"))
    assert "What you wrote is kept" in page.text and "/merge/" in ben.at
    for words in ("Ana’s Daily", "Ben’s Daily", "It was", "Ana’s Times"):
        assert words in page.text
    page = await ben.press(page, "Bring them together")
    assert page.response.status_code == 422 and "Choose one of the two" in page.text
    page = await ben.press(
        page, "Bring them together", page.with_button("Bring them together").tick("in:name", "theirs")
    )
    assert "Both are brought together" in page.text and "Ana’s Daily" in page.text and "Ben, LLC" in page.text
    assert (await ana.open(NOTICE)).text.count("Discard") == 1


async def test_what_was_published_from_elsewhere_is_told_and_taken_in(stage: Stage) -> None:
    ana = await person(stage)
    page, draft = await begun(ana)
    await ana.press(page, "Save", page.form("/site").put(name="Ana’s Times"))
    page = await ana.open(draft.replace("/edit/", "/publish/"))
    await publish(stage.services, MIAMI.read_bytes().replace(b'radius = "6px"', b'radius = "0"'))
    page = await ana.press(page, "Publish")
    assert page.response.status_code == 409 and "Nothing was published" in page.text
    assert "came in force after this draft was begun" in page.text
    page = await ana.open(draft.replace("/edit/", "/merge/"))
    assert "the two go together" in page.text and "<ins>0</ins>" in page.text and "the command line" in page.text
    page = await ana.press(page, "Bring them together")
    page = await ana.press(await ana.open(draft.replace("/edit/", "/publish/")), "Publish")
    notice = stage.services.directory.get(SITE).notice
    assert (notice.name, notice.look.radius) == ("Ana’s Times", "0")


async def test_a_file_goes_out_and_comes_in(stage: Stage) -> None:
    ana = await person(stage)
    revision = stage.services.directory.get(SITE).revision
    out = (await ana.open(f"{NOTICE}/file/{revision}")).response
    assert out.headers["content-disposition"] == f'attachment; filename="{SITE}-{revision}.toml"'
    assert read_site_file(out.content) == read_site_file(MIAMI.read_bytes())

    page = await ana.open(f"{NOTICE}/import")
    page = await ana.press(
        page, "Make a draft of it", page.with_button("Make a draft of it").put(file='id = "x"\nname = \n')
    )
    assert page.response.status_code == 422 and "line 2, column 8" in page.text
    wrong = out.text.replace('name = "Miami New Times"', 'name = "<b>Miami</b>"\nnam = 1', 1).replace("Spain", "x")
    wrong = wrong.replace(f'id = "{SITE}"', 'id = "other"', 1).replace("expires_days", "expires_dayz")
    page = await ana.press(page, "Make a draft of it", page.with_button("Make a draft of it").put(file=wrong))
    assert "would be left out" in page.text and "<code>nam</code>" in page.text and "the id stays" in page.text
    page = await ana.press(page, "Make a draft of it", page.with_button("Make a draft of it").tick("sure"))
    assert "The file is a draft now" in page.text and "&lt;b&gt;Miami" in page.text
    drafted = await ana.open(f"{NOTICE}/drafts/{ana.at.split('/')[-2]}/file")
    assert tomllib.loads(drafted.text)["id"] == SITE


async def test_the_frame_shows_the_draft_and_what_is_not_saved(stage: Stage) -> None:
    ana = await person(stage)
    page, draft = await begun(ana)
    saved = await ana.open(f"{draft}/frame?language=es&layer=preferences&theme=dark")
    assert (
        saved.response.status_code == 200
        and "sandbox allow-scripts" in saved.response.headers["content-security-policy"]
    )
    shown = await ana.press(page, "Show in the preview", page.form("/site").put(name="Only Looked At"))
    assert "Only%20Looked%20At" in shown.text or "Only Looked At" in shown.text
    opened = await drafting.opened(stage.services, SITE, draft.rpartition("/")[2])
    assert opened.version == 1
    page = await ana.open(f"{draft}/site")
    stood_in = await ana.press(page, "Show in the preview", page.form("/site").put(name=""))
    assert "Miami New Times" in stood_in.text
    raw = plain(read_site_file(MIAMI.read_bytes())) | {"languages": ["xx"]}
    wordless = await drafting.begin(stage.services, SITE, COMMAND, raw)
    broken = await ana.open(f"{NOTICE}/edit/{wordless}/frame")
    assert "No preview yet" in broken.text and "not one of the site" in broken.text
    assert "frame-ancestors 'self'" in broken.response.headers["content-security-policy"]


async def test_a_viewer_sees_what_is_in_force_and_can_change_nothing(stage: Stage) -> None:
    page = await (await person(stage, "viewer")).open(NOTICE)
    assert page.response.status_code == 200
    assert [label for form in page.forms for label in form.buttons] == ["Sign out"]


async def test_hostile_words_are_only_words(stage: Stage) -> None:
    """What is typed reaches pages, addresses and files as text."""
    ana = await person(stage)
    page, draft = await begun(ana)
    evil = '"><script>alert(1)</script>'
    page = await ana.press(page, "Save", page.form("/site").put(name=evil, origins="javascript:alert(1)\n\n x "))
    assert "Saved as version 2." in page.text and "&lt;script&gt;alert" in page.text
    for path in (f"{draft}/site", draft.replace("/edit/", "/publish/"), f"{draft}/purposes", NOTICE):
        assert "<script>alert" not in (await ana.open(path)).text
    raw = plain(read_site_file(MIAMI.read_bytes()))
    tag = '" disabled><button formaction=/console>'
    tagged = raw | {"languages": [tag, *["en", "es"]], "texts": {tag: {"notice": {"title": "x"}}}}
    hostile = await drafting.begin(stage.services, SITE, COMMAND, tagged)
    for section in ("site", "languages", "purposes/0", "newsletter", "texts"):
        shown = await ana.open(f"{NOTICE}/edit/{hostile}/{section}")
        assert shown.response.status_code == 200 and "/console&gt;" not in shown.text
        assert "<button formaction=/console>" not in shown.text
    assert (await ana.open(f"{draft}/purposes/99999")).response.status_code == 404
    assert (await ana.open(f"{draft}/purposes/x")).response.status_code == 404
    assert (await ana.open(f"{NOTICE}/edit/not-an-id/site")).response.status_code == 404


async def test_how_long_things_are_kept_is_an_owners_to_change(stage: Stage) -> None:
    draft = await drafting.begin(stage.services, SITE, COMMAND)
    opened = await drafting.opened(stage.services, SITE, draft)
    tables = {**opened.tables, "retention": {"records_days": 30}}
    await drafting.save(stage.services, SITE, draft, 1, lambda _: tables, COMMAND)
    ana = await person(stage)
    page = await ana.open(f"{NOTICE}/publish/{draft}")
    page = await ana.press(page, "Publish")
    assert page.response.status_code == 422 and "changed by an owner" in page.text
    owner = await person(stage, "owner")
    page = await owner.press(await owner.open(f"{NOTICE}/publish/{draft}"), "Publish")
    assert "is in force" in page.text
    assert stage.services.directory.get(SITE).settings.retention.records_days == 30
