"""What the editor calls things: keys of a site file, what may be chosen, languages, and places of a change.

Invariant: pure words; a key or a language without an entry is called by its own name, so that nothing has no label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LABELS = {
    "id": "Id",
    "ip": "Network address",
    "email": "E-mail for people’s questions",
    "privacy_policy": "Privacy policy (address)",
    "cookie_policy": "Cookie policy (address)",
    "controller.name": "Legal name",
    "consent.regime": "How visitors are asked",
    "consent.close": "The X of the notice",
    "expires_days": "Asked again after (days)",
    "refusal_days": "Asked again after a refusal (days)",
    "cookie_domain": "Cookie for this host and all under it",
    "cookie_from": "Who sets the cookie",
    "reload": "Load the page anew after a withdrawal",
    "together": "Sites that a choice goes along to",
    "children": "A site for children",
    "google": "Google Consent Mode",
    "microsoft_uet": "Microsoft Advertising (UET)",
    "microsoft_clarity": "Microsoft Clarity",
    "meta": "Meta",
    "matomo": "Matomo",
    "tiktok": "TikTok",
    "wordpress": "WordPress",
    "shopify": "Shopify",
    "required": "Always on",
    "legal_basis": "Legal basis",
    "purposes.signals": "Google Consent Mode signals",
    "sale_or_sharing": "Sale or sharing",
    "provider": "Recipient",
    "about": "What it does",
    "lifetime": "How long it stays",
    "domain": "Host",
    "kind": "Kept as",
    "postal_address": "Postal address",
    "reminder_days": "Reminder after (days)",
    "after_seconds": "After seconds",
    "after_scroll_percent": "After scrolling (percent)",
    "after_pages": "After pages",
    "on_exit": "When the mouse leaves",
    "later_days": "“Remind me later” lasts (days)",
    "decline_days": "“No thanks” lasts (days)",
    "prompt.lists": "Lists offered",
    "records_days": "Consent records (days)",
    "ip_days": "Records with a network address (days)",
    "unsubscribed_days": "Readers who left (days)",
    "bounced_days": "Readers out of reach (days)",
    "pending_days": "Sign-ups not confirmed (days)",
    "outbox_days": "Mails and events (days)",
    "counters_days": "Counts (days)",
    "audit_days": "The audit trail (days)",
    "claims_days": "Answered requests (days)",
    "accent": "Accent colour",
    "radius": "Roundness of corners",
    "reopen": "Button that opens the settings again",
}
HINTS = {
    "about": "In the first language, or in all of them.",
    "regime": "By place: each visitor is asked as the law of that place wants.",
    "close": "It never accepts.",
    "cookie_from": "Browsers keep a cookie longer that this service sets; it must stand under the host above.",
    "cookie_domain": "Without one, the choice holds for the page’s own host.",
    "ip": "What a consent record keeps of it.",
}
"""Where a file's own description says more of files than of what is meant."""
CHOICES = {
    "regime.auto": "By the visitor’s place (recommended)",
    "regime.opt_in": "Opt-in everywhere",
    "regime.opt_out": "Opt-out everywhere",
    "regime.notice_only": "Notice only",
    "close.refuse": "Refuses everything optional",
    "close.ask_later": "Decides nothing; asks again later",
    "cookie_from.page": "The page",
    "cookie_from.service": "The page and this service",
    "kind.cookie": "Cookie",
    "kind.local_storage": "Local storage",
    "kind.session_storage": "Session storage",
    "kind.indexed_db": "IndexedDB",
    "ip.none": "Nothing is kept",
    "ip.hash": "A keyed hash of the shortened address",
    "position.bottom": "Along the bottom",
    "position.bottom-left": "Bottom left",
    "position.bottom-right": "Bottom right",
    "position.center": "In the middle",
}
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "he": "Hebrew",
    "hr": "Croatian", "hu": "Hungarian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "mt": "Maltese", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "pt-BR": "Portuguese (Brazil)", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "zh-Hans": "Chinese (simplified)",
    "zh-Hant": "Chinese (traditional)",
}  # fmt: skip
ONE = {
    "purposes": "purpose",
    "services": "service",
    "cookies": "cookie",
    "lists": "list",
    "texts": "words",
    "origins": "origin",
}


def of(path: tuple[str | int, ...]) -> str:
    """The label of a place: by its last key and the table around it."""
    keys = [step for step in path if isinstance(step, str)]
    pairs = f"{keys[-2]}.{keys[-1]}" if len(keys) > 1 else keys[-1]
    return LABELS.get(pairs) or LABELS.get(keys[-1]) or sentence(keys[-1])


def choice(key: str, value: str) -> str:
    """What one of several values is called."""
    return CHOICES.get(f"{key}.{value}") or (value if key == "signals" else sentence(value))


def language(tag: str) -> str:
    """The language's English name; the tag where it has none here."""
    return LANGUAGES.get(tag, tag)


def sentence(key: str) -> str:
    """A key as words."""
    return key.replace("_", " ").capitalize()


def place(steps: Sequence[str]) -> str:
    """A place as a person reads it: `purposes analytics name es` as `purpose “analytics” › name › Spanish`."""
    words: list[str] = []
    left = list(steps)
    while left:
        step = left.pop(0)
        if step in ONE and left and not left[0].startswith("("):
            name = left.pop(0)
            words.append(f"{ONE[step]} in {language(name)}" if step == "texts" else f"{ONE[step]} “{name}”")
        else:
            words.append(LANGUAGES.get(step, step.replace("_", " ")) if not left else step.replace("_", " "))
    return " › ".join(words)


def steps_of(path: str) -> list[str]:
    """The steps of a change's path, in which odd names stand in quotes."""
    return [quoted.strip('"') if quoted else plain for quoted, plain in _STEP.findall(path)]


_STEP = re.compile(r'("(?:[^"\\]|\\.)*")|([^.]+)')
