"""The pages behind the links of mails: one sentence and one button, or what has become of it.

Invariant: a page shows an address only in part, for its link may have been passed on.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.responses import Response

from consent import clock
from consent.directory import Published
from consent.errors import Fault
from consent.newsletter import Confirmed, ConfirmPage, LeavePage, RefusePage
from consent.newsletter.preferences import ChangePage, Preferences
from consent.notices import Notice, packaged_words, spoken
from consent.web.pages import engine, sheets

LONGEST_PAUSE = 366 * clock.DAY


def confirm(site: Published, page: ConfirmPage, *, is_empty: bool = False) -> Response:
    """What is agreed to, and the button, which sends along whose words it stood beside.

    `is_empty`: it was pressed with nothing ticked.
    """
    notice = site.notice
    words = spoken(notice, "signup", page.language)
    return engine.page(
        "pages/confirm.html",
        status=422 if is_empty else 200,
        **sheets.shown(notice, page.language),
        title=words("confirm_title"),
        email=page.email,
        lists=sheets.choices(notice, page.language, () if is_empty else page.lists, page.lists),
        is_empty=is_empty,
        digest=site.digest,
        spoken_in=words.language,
    )


def confirmed(notice: Notice, page: ConfirmPage | Confirmed, receipt_link: str | None = None) -> Response:
    """What comes from now on; the same when it is asked again."""
    words = spoken(notice, "reader", page.language)
    receipt = (words.of("letters")("receipt"), receipt_link) if receipt_link else None
    return _told(
        notice,
        page.language,
        words("confirmed_title"),
        words.plain("confirmed", address=page.email),
        lists=page.lists,
        more=words("confirmed_hint"),
        way_on=receipt,
    )


def gone(notice: Notice, language: str) -> Response:
    """Nothing waits behind this link any more."""
    words = spoken(notice, "reader", language)
    shown = sheets.shown(notice, language)
    way_on = (words("sign_up"), shown["form_link"])
    return _told(notice, language, words("gone_title"), words("gone"), way_on=way_on)


def refuse(notice: Notice, page: RefusePage) -> Response:
    """Was it not you?"""
    words = spoken(notice, "reader", page.language)
    lead = words.plain("not_me", site=notice.name, address=page.email)
    return _ask(notice, page.language, words("not_me_title"), lead, words("not_me_button"), "not_me")


def refused(notice: Notice, language: str) -> Response:
    """It was not; nothing more is sent."""
    words = spoken(notice, "reader", language)
    return _told(notice, language, words("not_me_done_title"), words.plain("not_me_done", site=notice.name))


def leave(notice: Notice, page: LeavePage) -> Response:
    """The list that is left, and the button."""
    words = spoken(notice, "reader", page.language or "")
    lead = words.plain("unsubscribe", lists=_list(notice, page), address=page.email)
    title, button = words("unsubscribe_title"), words("unsubscribe_button")
    return _ask(notice, words.language, title, lead, button, "unsubscribe")


def left(notice: Notice, page: LeavePage) -> Response:
    """The list was left, now or before."""
    words = spoken(notice, "reader", page.language or "")
    named = words.plain("unsubscribe", lists=_list(notice, page), address=page.email)
    lead = named if page.list and page.email else words("unsubscribed")
    way_on = (words("sign_up"), sheets.shown(notice, words.language)["form_link"])
    return _told(notice, words.language, words("unsubscribed_title"), lead, way_on=way_on)


def change(notice: Notice, page: ChangePage) -> Response:
    """The new address, and the button."""
    words = spoken(notice, "reader", page.language)
    lead = words.plain("change", site=notice.name, address=page.email)
    return _ask(notice, page.language, words("change_title"), lead, words("change_button"), "change")


def changed(notice: Notice, page: ChangePage) -> Response:
    """Mails go to the new address."""
    words = spoken(notice, "reader", page.language)
    return _told(
        notice, page.language, words("changed_title"), words.plain("change", site=notice.name, address=page.email)
    )


def erase(notice: Notice, language: str) -> Response:
    """The last question before everything is gone."""
    words = spoken(notice, "reader", language)
    return _ask(notice, language, words("erase_title"), words("erase_text"), words("erase_button"), "erase_now")


def erased(notice: Notice, language: str, claim_link: str) -> Response:
    """Nothing is left; with the receipt of that."""
    words = spoken(notice, "reader", language)
    way_on = (words.of("rights")("claim"), claim_link)
    return _told(notice, language, words("erased_title"), words.plain("erased", site=notice.name), way_on=way_on)


def manage(
    notice: Notice, held: Preferences, now: int, *, told: str = "", fault: Fault | None = None, typed: str = ""
) -> Response:
    """The preference centre; `told` names what has just been done, by its words' key."""
    words = spoken(notice, "reader", held.language)
    confirmed_lists = [name for name, state in held.lists.items() if state == "confirmed"]
    is_paused = held.paused_until is not None and held.paused_until > now
    return engine.page(
        "pages/manage.html",
        status=422 if fault else 200,
        **sheets.shown(notice, held.language),
        title=words("manage_title"),
        held=held,
        told=words(told) if told else "",
        lists=sheets.choices(notice, held.language, confirmed_lists, blocked=held.blocked),
        has_any=bool(confirmed_lists),
        paused_on=words.day(held.paused_until) if is_paused and held.paused_until else "",
        pause_from=clock.text(now + clock.DAY)[:10],
        pause_to=clock.text(now + LONGEST_PAUSE)[:10],
        languages=[(tag, _own_name(notice, tag)) for tag in notice.languages],
        fault=fault.path if fault else "",
        typed=typed,
    )


def _ask(notice: Notice, language: str, title: str, lead: str, button: str, act: str) -> Response:
    shown = sheets.shown(notice, language)
    return engine.page("pages/ask.html", **shown, title=title, lead=lead, button=button, act=act)


def _told(
    notice: Notice,
    language: str,
    title: str,
    lead: str,
    *,
    lists: Collection[str] = (),
    more: str = "",
    way_on: tuple[str, str] | None = None,
) -> Response:
    named = sheets.choices(notice, language, (), lists)
    shown = sheets.shown(notice, language)
    return engine.page("pages/told.html", **shown, title=title, lead=lead, lists=named, more=more, way_on=way_on)


def _list(notice: Notice, page: LeavePage) -> str:
    return sheets.names(notice, page.language or "", (page.list or "",)) or notice.name


def _own_name(notice: Notice, tag: str) -> str:
    """The language's name in itself; its tag, where nobody has told it."""
    own = notice.texts[tag].get("receipt", {}).get("language_name")
    return own or packaged_words(tag).get("receipt", {}).get("language_name", tag)
