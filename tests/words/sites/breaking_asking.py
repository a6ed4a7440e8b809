"""Files that break the linter's rules of asking: the first layer, words and times.

Invariant: each rule has a place where it is told, and something that only comes near.
"""

from __future__ import annotations

from tests.words.sites.breaking import ADVERTISING, COOKIE, ENGLISH, NECESSARY, STATISTICS, Cases, service, text, wish

CASES: Cases = {
    "R02": (
        [
            (wish(refuse="settings"), "notice.refuse"),
            (wish(refuse="none"), "notice.refuse"),
            (text("refuse", "Accept all"), "texts.en.notice.refuse"),
            (text("accept", "Refuse all"), "texts.en.notice.accept"),
            (text("refuse", "Manage my options"), "texts.en.notice.refuse"),
            (text("refuse", "Más información", language="es"), "texts.es.notice.refuse"),
        ],
        [
            wish(refuse="button"),
            text("refuse", "Only necessary cookies"),
            text("refuse", "Continue without accepting"),
            text("refuse", "No, save these settings"),
        ],
    ),
    "R02b": (
        [(text("refuse", "Keep it simple"), "texts.en.notice.refuse")],
        [text("refuse", "Reject optional cookies")],
    ),
    "R03": ([(wish(refuse="link"), "notice.refuse")], [wish(refuse="button")]),
    "R04": ([({(*STATISTICS, "preset"): True}, "purposes[1].preset")], [{(*NECESSARY, "preset"): True}]),
    "R05": ([({("theme", "accent"): "#ffd700"}, "theme.accent")], [{("theme", "accent"): "#0000ff"}]),
    "R05b": ([(wish(prominent="accept"), "notice.prominent")], [wish(prominent="both")]),
    "R05c": (
        [(text("refuse", "Refuse all of what is optional and read on regardless"), "texts.en.notice.refuse")],
        [text("refuse", "Refuse all optional ones")],
    ),
    "R06": (
        [
            (wish(close="accepts"), "notice.close"),
            (text("close_refuse", "Accept and close"), "texts.en.notice.close_refuse"),
            (text("intro", "{controller}: if you close this notice you accept cookies."), "texts.en.notice.intro"),
        ],
        [
            wish(close="refuses"),
            text("close_refuse", "Close without accepting"),
            text("close_refuse", "Refuse consent and close"),
            text("intro", "{controller}: if you close this notice, nothing optional runs."),
        ],
    ),
    "R07": (
        [
            (wish(continuing="accepts"), "notice.continuing"),
            (wish(scrolling="accepts"), "notice.scrolling"),
            (wish(waiting="accepts"), "notice.waiting"),
            ({(*STATISTICS, "description", "en"): "By staying here you agree."}, "purposes[1].description.en"),
        ],
        [text("intro", "{controller}: you can continue without accepting. By using the buttons you can accept.")],
    ),
    "R08": (
        [
            (wish(wall=True), "notice.wall"),
            (text("opt_in", "You must accept cookies to read on."), "texts.en.notice.opt_in"),
            (text("opt_in", "Sin aceptar hay que aceptar.", language="es"), "texts.es.notice.opt_in"),
        ],
        [text("opt_in", "We store nothing unless you agree."), text("opt_in", "You can read on without accepting.")],
    ),
    "R08b": (
        [(text("opt_in", "Accept cookies or subscribe for 3 euros."), "texts.en.notice.opt_in")],
        [text("opt_in", "Accept or refuse, and read on.")],
    ),
    "R09": ([({("theme", "reopen"): False}, "theme.reopen")], [{("theme", "reopen"): True}]),
    "R10": ([(wish(choose=False), "notice.choose")], [wish(choose=True)]),
    "R10b": (
        [({(*STATISTICS, "signals"): ["analytics_storage", "ad_storage"]}, "purposes[1].signals")],
        [{(*STATISTICS, "signals"): ["analytics_storage", "functionality_storage"]}],
    ),
    "R10c": (
        [
            ({(*STATISTICS, "description", "en"): "To improve your experience"}, "purposes[1].description.en"),
            ({(*STATISTICS, "description", "en"): "Statistics"}, "purposes[1].description.en"),
        ],
        [{(*STATISTICS, "description", "en"): "Improve your experience by remembering where you stopped."}],
    ),
    "R11": (
        [
            (text("intro", "We use cookies."), "texts.en.notice.intro"),
            (text("withdraw", "You can withdraw."), "texts.en.notice.withdraw"),
        ],
        [text("intro", "Harbour Post Ltd uses cookies."), text("withdraw", f"Withdraw under “{ENGLISH['reopen']}”.")],
    ),
    "R12": (
        [
            ({(*ADVERTISING, "services", 0, "provider"): "Third parties"}, "purposes[2].services[0].provider"),
            ({(*ADVERTISING, "services", 0, "provider"): "Nuestros socios"}, "purposes[2].services[0].provider"),
        ],
        [{(*ADVERTISING, "services", 0, "provider"): "Partners & Sons Ltd"}],
    ),
    "R12b": (
        [
            ({(*ADVERTISING, "services", 0, "cookies"): []}, "purposes[2].services[0].cookies"),
            ({(*COOKIE, "lifetime"): "persistent"}, "purposes[1].services[0].cookies[0].lifetime"),
        ],
        [{(*COOKIE, "lifetime"): "persistent", (*COOKIE, "kind"): "local_storage"}],
    ),
    "R12c": ([({(*STATISTICS, "services"): []}, "purposes[1].services")], [{(*NECESSARY, "services"): []}]),
    "R13": (
        [({("consent", "expires_days"): 185}, "consent.expires_days")],
        [{("consent", "expires_days"): 184}, {("consent",): {"expires_days": 395, "regime": "opt_out"}}],
    ),
    "R13b": (
        [({("consent", "expires_days"): 184, ("consent", "refusal_days"): 180}, "consent.refusal_days")],
        [{("consent", "expires_days"): 180, ("consent", "refusal_days"): 184}],
    ),
    "R14": (
        [
            ({("consent", "expires_days"): 179}, "consent.expires_days"),
            ({("consent", "refusal_days"): 30}, "consent.refusal_days"),
        ],
        [{("consent", "expires_days"): 180}, {("consent", "expires_days"): 90, ("consent", "refusal_days"): 180}],
    ),
    "R15": (
        [
            (
                {(*NECESSARY, "services"): [service("Matomo", "_pk_id.*", lifetime="14 months")]},
                "purposes[0].services[0].cookies[0].lifetime",
            )
        ],
        [
            {(*NECESSARY, "services"): [service("Matomo", "_pk_id.*", lifetime="13 months")]},
            {(*COOKIE, "lifetime"): "14 months"},
        ],
    ),
    "R15b": (
        [({(*NECESSARY, "services"): [service("Matomo", "_pk_id.*")]}, "purposes[0].services[0]")],
        [{(*NECESSARY, "services"): [service("Sessions", "sid")]}],
    ),
}
