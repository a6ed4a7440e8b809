"""Several faults of a site file together, and the rules that need a whole file to be broken."""

from __future__ import annotations

from typing import Any

import pytest

from consent.errors import Fault, Refused
from consent.notices import packaged_languages, packaged_words, read_site_file
from consent.notices.catalogue import OF_NEWSLETTERS
from tests.words.sites.making import GONE, Place, altered, tables, toml

SERVICE: Place = ("purposes", 1, "services", 0)
COOKIE: Place = (*SERVICE, "cookies", 0)
AT_COOKIE = "purposes[1].services[0].cookies[0]"


def refused(raw: dict[str, Any]) -> tuple[Fault, ...]:
    """What is wrong with the file that the tables make."""
    with pytest.raises(Refused) as refusal:
        read_site_file(toml(raw))
    return refusal.value.faults


def test_the_harbour_posts_own_file_is_right() -> None:
    read_site_file(toml(tables()))


def test_all_faults_are_told_at_once() -> None:
    raw = altered(("consent", "close"), "accept")
    altered(("controller", "country"), "UK", raw)
    altered(("purposes", 1, "name", "es"), GONE, raw)
    altered(("purposes", 2, "services", 1, "id"), "adnet", raw)
    altered((*COOKIE, "lifetime"), GONE, raw)
    altered((*COOKIE, "lifetme"), "1 day", raw)
    altered(("theme", "colour"), "red", raw)
    assert {fault.path for fault in refused(raw)} == {
        "consent.close",
        "controller.country",
        "purposes[1].name.es",
        "purposes[2].services[1].id",
        f"{AT_COOKIE}.lifetime",
        f"{AT_COOKIE}.lifetme",
        "theme.colour",
    }


def test_the_service_sets_a_cookie_only_for_a_domain() -> None:
    raw = altered(("consent", "cookie_from"), "service")
    assert refused(raw) == (Fault("consent.cookie_domain", 'missing; expected with cookie_from = "service"'),)
    read_site_file(toml(altered(("consent", "cookie_domain"), "harbour-post.example", raw)))


@pytest.mark.parametrize("domain", ["other.example", "post.example", "deeper.news.harbour-post.example"])
def test_a_cookie_that_no_page_could_have_is_refused(domain: str) -> None:
    (fault,) = refused(altered(("consent", "cookie_domain"), domain))
    assert fault == Fault("consent.cookie_domain", f'expected a host that some origin stands under, found "{domain}"')


def test_nor_may_it_be_for_a_domain_under_which_anybody_has_one() -> None:
    raw = altered(("origins",), ["https://news.harbour.co.uk"])
    (fault,) = refused(altered(("consent", "cookie_domain"), "co.uk", raw))
    words = 'expected a domain of one owner, found "co.uk", for which browsers take no cookie'
    assert fault == Fault("consent.cookie_domain", words)
    read_site_file(toml(altered(("consent", "cookie_domain"), "harbour.co.uk", raw)))


@pytest.mark.parametrize("domain", ["www.harbour-post.example", "harbour-post.example"])
def test_one_origin_under_the_cookies_domain_is_enough(domain: str) -> None:
    read_site_file(toml(altered(("consent", "cookie_domain"), domain)))


def test_a_site_goes_together_with_others_each_named_once() -> None:
    raw = altered(("consent", "together"), ["harbour-radio", "harbour-post", "harbour-radio"])
    assert refused(raw) == (
        Fault("consent.together[2]", '"harbour-radio" is given already at consent.together[0]'),
        Fault("consent.together[1]", "this is the site itself"),
    )


def test_one_name_may_be_kept_in_several_places() -> None:
    raw = tables()
    cookies = raw["purposes"][1]["services"][0]["cookies"]
    kinds = ("cookie", "local_storage", "session_storage", "indexed_db")
    raw["purposes"][1]["services"][0]["cookies"] = [{**cookies[0], "kind": kind} for kind in kinds]
    read_site_file(toml(raw))
    raw["purposes"][1]["services"][0]["cookies"] += [cookies[0]]
    told = '"_pk_id.* .harbour-post.example" is given already at purposes[1].services[0].cookies[0]'
    assert refused(raw) == (Fault("purposes[1].services[0].cookies[4]", told),)


def test_an_empty_file_is_told_what_it_lacks() -> None:
    assert [fault.path for fault in refused({})] == ["id", "name", "origins", "languages", "controller", "purposes"]


def test_one_place_is_told_one_fault() -> None:
    raw = altered(("texts", "EN"), {"notice": {}})
    assert [fault.path for fault in refused(raw)] == ["texts.EN"]


def test_ids_that_do_not_fit_the_choices_cookie_are_refused() -> None:
    raw = tables()
    service = raw["purposes"][2]["services"][1]
    raw["purposes"][2]["services"] = [{**service, "id": f"s{at:062}"} for at in range(50)]
    size = 50 * 65 + sum(len(f"!{name}.") for name in ("statistics", "matomo", "advertising"))
    words = (
        f"expected ids that fit in the choice's cookie, 3000 bytes, found {size}; shorten ids, or name fewer services"
    )
    assert refused(raw) == (Fault("purposes", words),)


def test_a_language_without_words_of_ours_must_bring_them_all() -> None:
    raw = altered(("languages",), ["en", "es", "gd"])
    altered(("texts", "gd"), {"notice": {"accept": "Gabh ri"}}, raw)
    told = {fault.path: fault.message for fault in refused(raw)}["texts.gd"]
    assert f"because none come with the service for this language (there are {packaged_languages()[0]}" in told
    assert "missing notice." in told
    assert "notice.accept" not in told


def test_the_words_about_newsletters_are_demanded_of_a_site_that_has_one() -> None:
    raw = altered(("languages",), ["en", "gd"])
    del raw["texts"]["es"]
    of_cookies = {name: words for name, words in packaged_words("en").items() if name not in OF_NEWSLETTERS}
    altered(("texts", "gd"), {section: dict(words) for section, words in of_cookies.items()}, raw)
    told = {fault.path: fault.message for fault in refused(raw)}
    assert "missing signup." in told["texts.gd"]
    assert "texts.gd" not in {fault.path for fault in refused(altered(("newsletter",), GONE, raw))}


def test_a_language_without_words_of_ours_may_bring_them_all() -> None:
    raw = altered(("languages",), ["en"])
    raw["languages"].append("gd")
    del raw["texts"]["es"]
    for table in (raw["purposes"], raw["newsletter"]["lists"]):
        for each in table:
            each["name"] = {"en": "Name", "gd": "Ainm"}
            each["description"] = {"en": "Words", "gd": "Faclan"}
    altered((*SERVICE, "cookies", 1, "about"), "Words", raw)
    raw["texts"]["gd"] = {section: dict(words) for section, words in packaged_words("en").items()}
    read_site_file(toml(raw))
