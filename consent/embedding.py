"""What a publisher pastes into every page: the boot script, and the loader's tag.

The loader comes too late for tools that ask at once what they may do, so the boot script, which is run as the page is
read, tells each of them no; what the visitor gave, the loader tells them after.

Invariant: a pure function of the notice and the site's settings; it denies, and never grants what somebody may refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from consent.notices import Notice
from consent.notices.views import SIGNALS, is_always_granted

NONCE = "NONCE"
WAIT_MS = 500
"""How long Google's tags wait for the loader's word."""
TOO_EARLY: Mapping[str, str] = {
    "meta": "fbq('consent', 'revoke') before fbq('init', …)",
    "tiktok": "ttq.holdConsent() before ttq.load(…)",
}
"""Signals whose tools cannot be told before their own code is there, with what their own code is to say."""
ADS, STATISTICS = "ad_storage", "analytics_storage"


def snippet(notice: Notice, url: str, mute: Collection[str] = (), *, nonce: bool = False) -> str:
    """The lines to paste before everything else in `<head>`; `nonce` leaves room for a Content Security Policy's.

    `url` is the service's; `mute` are the signals that the site switched off.
    """
    attribute = f' nonce="{NONCE}"' if nonce else ""
    script = boot(notice, mute)
    lines = [f"<script{attribute}>{script}</script>"] if script else []
    lines += _left(notice, mute)
    return "\n".join([*lines, f'<script src="{url}/w/{notice.site}.js"{attribute} async></script>'])


def boot(notice: Notice, mute: Collection[str] = ()) -> str:
    """The boot script alone; empty where no tool needs one."""
    named = _named(notice)
    lines = [line for signal, make in _DEFAULTS.items() if signal not in mute for line in make(notice, named)]
    return "".join(["!function(w){", *lines, "}(window)"]) if lines else ""


def _named(notice: Notice) -> frozenset[str]:
    """The signals that some purpose names; a site that names none has nobody told anything."""
    return frozenset(name for purpose in notice.purposes for name in purpose.signals if name in SIGNALS)


def _google(notice: Notice, named: frozenset[str]) -> Iterator[str]:
    if named:
        words = {signal: "granted" if is_always_granted(notice, signal) else "denied" for signal in SIGNALS}
        told = ",".join(f'{signal}:"{word}"' for signal, word in words.items())
        # Google's tags heed only an `arguments` object.
        yield "var d=w.dataLayer=w.dataLayer||[],g=function(){d.push(arguments)};"
        yield f'g("consent","default",{{{told},security_storage:"granted",wait_for_update:{WAIT_MS}}});'
        yield 'g("set","ads_data_redaction",true);g("set","url_passthrough",false);'


def _microsoft_uet(_: Notice, named: frozenset[str]) -> Iterator[str]:
    if ADS in named:
        yield '(w.uetq=w.uetq||[]).push("consent","default",{ad_storage:"denied"});'


def _microsoft_clarity(_: Notice, named: frozenset[str]) -> Iterator[str]:
    """Through the queue that its own code makes, and takes over when it is there already."""
    if STATISTICS in named:
        yield "w.clarity=w.clarity||function(){(w.clarity.q=w.clarity.q||[]).push(arguments)};"
        yield 'w.clarity("consentv2",{ad_Storage:"denied",analytics_Storage:"denied"});'


def _matomo(_: Notice, named: frozenset[str]) -> Iterator[str]:
    if STATISTICS in named:
        yield '(w._paq=w._paq||[]).push(["requireCookieConsent"]);'


def _wordpress(notice: Notice, named: frozenset[str]) -> Iterator[str]:
    """Where the place decides, as at the strictest: without a type, everything is allowed there."""
    if named:
        kind = "optout" if notice.regime in ("opt_out", "notice_only") else "optin"
        yield f'w.wp_consent_type="{kind}";'
        yield 'document.dispatchEvent(new CustomEvent("wp_consent_type_defined"))'


_DEFAULTS: Mapping[str, Callable[[Notice, frozenset[str]], Iterator[str]]] = {
    "google": _google,
    "microsoft_uet": _microsoft_uet,
    "microsoft_clarity": _microsoft_clarity,
    "matomo": _matomo,
    "wordpress": _wordpress,
}


def _left(notice: Notice, mute: Collection[str]) -> list[str]:
    """What the page's own code has to say, because nothing here can."""
    left = [words for signal, words in TOO_EARLY.items() if signal not in mute and ADS in _named(notice)]
    if not left:
        return []
    return [
        f"<!-- Not denied above, for their own code must come first: hold it back with data-purpose, or in it call"
        f" {'; '.join(left)}. The loader tells them the rest. -->"
    ]
