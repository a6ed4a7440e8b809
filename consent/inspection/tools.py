"""What sites load from others that keeps or reads something in the browser: told by host, or by the words of a script.

The list names what is met most; what is not in it is not told, and a page without remarks is no proof of anything.

Invariant: a name here belongs to the tool's maker by its own documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

HOSTS: Mapping[str, str] = {
    "googletagmanager.com": "Google's tag",
    "google-analytics.com": "Google Analytics",
    "googlesyndication.com": "Google AdSense",
    "googleadservices.com": "Google Ads",
    "doubleclick.net": "Google's ads",
    "google.com/recaptcha": "reCAPTCHA",
    "google.com/maps": "Google Maps",
    "maps.googleapis.com": "Google Maps",
    "youtube.com": "YouTube",
    "youtube-nocookie.com": "YouTube",
    "connect.facebook.net": "Meta's pixel",
    "facebook.com": "Facebook",
    "instagram.com": "Instagram",
    "platform.twitter.com": "X",
    "platform.x.com": "X",
    "analytics.tiktok.com": "TikTok's pixel",
    "tiktok.com": "TikTok",
    "snap.licdn.com": "LinkedIn's tag",
    "px.ads.linkedin.com": "LinkedIn's tag",
    "bat.bing.com": "Microsoft Ads",
    "clarity.ms": "Microsoft Clarity",
    "hotjar.com": "Hotjar",
    "hotjar.io": "Hotjar",
    "matomo.cloud": "Matomo",
    "segment.com": "Segment",
    "segment.io": "Segment",
    "mxpnl.com": "Mixpanel",
    "amplitude.com": "Amplitude",
    "posthog.com": "PostHog",
    "fullstory.com": "FullStory",
    "hs-scripts.com": "HubSpot",
    "hs-analytics.net": "HubSpot",
    "intercom.io": "Intercom",
    "criteo.com": "Criteo",
    "criteo.net": "Criteo",
    "taboola.com": "Taboola",
    "outbrain.com": "Outbrain",
    "amazon-adsystem.com": "Amazon's ads",
    "pinimg.com": "Pinterest's tag",
    "sc-static.net": "Snapchat's pixel",
    "scorecardresearch.com": "Comscore",
    "chartbeat.com": "Chartbeat",
    "quantserve.com": "Quantcast",
    "parsely.com": "Parse.ly",
    "vimeo.com": "Vimeo",
    "dailymotion.com": "Dailymotion",
    "soundcloud.com": "SoundCloud",
    "spotify.com": "Spotify",
    "disqus.com": "Disqus",
}
CALLS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"""\bgtag\s*\(\s*['"](config|event)['"]""", "Google's tag"),
        (r"""['"]gtm\.start['"]""", "Google's tag container"),
        (r"""\bga\s*\(\s*['"]create['"]""", "Google Analytics"),
        (r"""\bfbq\s*\(\s*['"](init|track)['"]""", "Meta's pixel"),
        (r"\bttq\.(load|page|track)\b", "TikTok's pixel"),
        (r"""\b_paq\.push\(\[['"]trackPageView['"]""", "Matomo"),
        (r"\b_linkedin_partner_id\b", "LinkedIn's tag"),
        (r"clarity\.ms/tag/", "Microsoft Clarity"),
        (r"\b_hjSettings\b", "Hotjar"),
        (r"bat\.bing\.com", "Microsoft Ads"),
        (r"\bpintrk\s*\(", "Pinterest's tag"),
        (r"\bsnaptr\s*\(", "Snapchat's pixel"),
        (r"\bposthog\.init\s*\(", "PostHog"),
    )
)


def by_address(address: str) -> str:
    """Whose this address is, or nothing."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    host = (parts.hostname or "").removeprefix("www.")
    for known, name in HOSTS.items():
        domain, _, path = known.partition("/")
        if (host == domain or host.endswith("." + domain)) and parts.path.startswith("/" + path):
            return name
    return ""


def by_words(script: str) -> str:
    """Which tool an inline script starts, or nothing."""
    return next((name for pattern, name in CALLS if pattern.search(script)), "")
