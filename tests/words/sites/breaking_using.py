"""Files that break the linter's rules of what is done with data: grounds, places, newsletters, languages.

Invariant: each rule has a place where it is told, and something that only comes near.
"""

from __future__ import annotations

from tests.words.sites.breaking import (
    ADVERTISING,
    NECESSARY,
    STATISTICS,
    TRACKERS,
    Cases,
    at_home,
    required_cookie,
    service,
    text,
    wish,
)

CASES: Cases = {
    "R19": (
        [({(*STATISTICS, "legal_basis"): "legitimate_interest"}, "purposes[1].legal_basis")],
        [{(*NECESSARY, "legal_basis"): "legitimate_interest"}],
    ),
    "R19b": (
        [({(*STATISTICS, "legal_basis"): "contract"}, "purposes[1].legal_basis")],
        [{(*NECESSARY, "legal_basis"): "contract"}],
    ),
    "R20": (
        [
            ({(*NECESSARY, "services"): [service("Google Analytics")]}, "purposes[0].services[0]"),
            ({(*NECESSARY, "services"): [service("YouTube videos")]}, "purposes[0].services[0]"),
            *(required_cookie(name) for name in TRACKERS),
            ({(*NECESSARY, "signals"): ["analytics_storage"]}, "purposes[0].signals"),
        ],
        [
            {(*NECESSARY, "services"): [service("Sessions", "sid", "IDE", "_garden", domain="shop.example")]},
            {(*NECESSARY, "signals"): ["security_storage"]},
        ],
    ),
    "R22": (
        [
            (text("refuse", "No, I hate good journalism"), "texts.en.notice.refuse"),
            (text("decline", "No thanks, I'd rather miss out", "signup"), "texts.en.signup.decline"),
        ],
        [text("refuse", "No, I do not agree"), text("decline", "No thanks", "signup")],
    ),
    "R22b": (
        [(text("opt_in", "Only today: hurry, decide now."), "texts.en.notice.opt_in")],
        [text("opt_in", "Take your time.")],
    ),
    "R22c": (
        [(text("opt_in", "Untick this if you do not want to refuse."), "texts.en.notice.opt_in")],
        [text("opt_in", "If you do not want this, refuse it.")],
    ),
    "R22d": (
        [({("newsletter", "prompt", "decline_days"): 29}, "newsletter.prompt.decline_days")],
        [{("newsletter", "prompt", "decline_days"): 30}],
    ),
    "R24": (
        [({**wish(refuse="none"), ("consent", "regime"): "auto"}, "notice.refuse")],
        [wish(refuse="none"), {("consent", "regime"): "auto"}],
    ),
    "R25": (
        [
            (text("refuse", "Maybe later"), "texts.en.notice.refuse"),
            (text("refuse", "Más tarde", language="es"), "texts.es.notice.refuse"),
        ],
        [text("close_later", "Ask me later"), text("refuse", "Not at all, now or later")],
    ),
    "R26": (
        [
            ({("consent", "regime"): "auto", ("theme", "reopen"): False}, "theme.reopen"),
            (at_home("US", "notice_only"), "consent.regime"),
        ],
        [
            {("consent", "regime"): "auto"},
            {("consent", "regime"): "auto", ("theme", "reopen"): False, (*ADVERTISING, "sale_or_sharing"): False},
        ],
    ),
    "R26b": (
        [(text("do_not_sell", "Privacy settings"), "texts.en.notice.do_not_sell")],
        [
            text("privacy_choices", "Your California Privacy Choices"),
            text("do_not_sell", "No vender", language="es"),
        ],
    ),
    "R27": ([(wish(gpc=False), "notice.gpc")], [wish(gpc=True)]),
    "R27b": (
        [
            (
                {("consent", "regime"): "auto", (*STATISTICS, "services"): [service("Pixel", "_fbp")]},
                "purposes[1].sale_or_sharing",
            )
        ],
        [
            {(*STATISTICS, "services"): [service("Pixel", "_fbp")]},
            {("consent", "regime"): "auto", (*ADVERTISING, "services"): [service("Pixel", "_fbp")]},
        ],
    ),
    "R31": (
        [({(*STATISTICS, "description", "en"): "Recommend by your health."}, "purposes[1].description.en")],
        [{(*NECESSARY, "description", "en"): "Remember your religion."}],
    ),
    "R33": (
        [(at_home("IE", "opt_out"), "consent.regime"), (at_home("DE", "notice_only"), "consent.regime")],
        [at_home("IE", "auto"), at_home("US", "opt_out"), at_home("IE", "opt_in")],
    ),
    "R33b": ([(at_home("US", "opt_out"), "consent.regime")], [at_home("US", "auto")]),
    "R34": (
        [
            ({(*STATISTICS, "name", "en"): "Newsletter"}, "purposes[1].name.en"),
            (text("accept", "Accept and subscribe"), "texts.en.notice.accept"),
        ],
        [text("accept", "Accept all cookies")],
    ),
    "R34b": ([({("newsletter", "preset"): True}, "newsletter.preset")], [{("newsletter", "preset"): False}]),
    "R34c": (
        [({("newsletter", "double_opt_in"): False}, "newsletter.double_opt_in")],
        [{("newsletter", "double_opt_in"): True}],
    ),
    "R34d": (
        [
            (text("privacy", "{lists} by mail. {policy}", "signup"), "texts.en.signup.privacy"),
            (text("confirm_sentence", "Yes, {lists} please.", "signup"), "texts.en.signup.confirm_sentence"),
        ],
        [text("privacy", "Harbour Post Ltd sends {lists}. {policy}", "signup")],
    ),
    "R36": (
        [
            ({("consent", "children"): True}, "purposes[2]"),
            (
                {("consent", "children"): True, (*ADVERTISING, "services"): [service("Pixel", "_fbp")]},
                "purposes[2].services[0].cookies[0]",
            ),
        ],
        [{("consent", "children"): True, (*ADVERTISING, "sale_or_sharing"): False, (*ADVERTISING, "signals"): []}],
    ),
    "R37": (
        [
            (
                {
                    (*STATISTICS, "description", "en"): "Count which pages are read.",
                    (*STATISTICS, "description", "es"): "Count which pages are read.",
                },
                "purposes[1].description.es",
            ),
            (
                {("texts",): {tag: {"notice": {"title": "All about our own cookies"}} for tag in ("en", "es")}},
                "texts.es.notice.title",
            ),
        ],
        [{(*STATISTICS, "name", "en"): "Marketing", (*STATISTICS, "name", "es"): "Marketing"}],
    ),
    "R38": (
        [({("controller", "privacy_policy"): "http://www.harbour-post.example/"}, "controller.privacy_policy")],
        [{("controller", "privacy_policy"): "http://localhost:8000/privacy"}],
    ),
    "R38b": (
        [
            (
                {(*ADVERTISING, "services", 0, "privacy_policy"): "http://adnet.example/"},
                "purposes[2].services[0].privacy_policy",
            )
        ],
        [{(*ADVERTISING, "services", 0, "privacy_policy"): "https://adnet.example/?http://"}],
    ),
    "R39": (
        [
            (
                {(*ADVERTISING, "services"): [service("Other", "_pk_id.*", domain=".harbour-post.example")]},
                "purposes[2].services[0].cookies[0]",
            ),
            (
                {(*ADVERTISING, "services"): [service("Other", "_pk_id.7", domain=".harbour-post.example")]},
                "purposes[2].services[0].cookies[0]",
            ),
        ],
        [
            {(*ADVERTISING, "services"): [service("Other", "_pk_id.*", domain=".other.example")]},
            {(*STATISTICS, "services"): [service("Other", "one*"), {**service("More", "one*"), "id": "more"}]},
        ],
    ),
}
