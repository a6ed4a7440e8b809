"""Which browser somebody uses, in words that its owner knows it again by: "Firefox on Windows".

Invariant: nothing finer than a family and a system is told apart, no version, no device.
"""

from __future__ import annotations

FAMILIES = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS", "a Mac"), ("Linux", "Linux"),
)  # fmt: skip
"""The first that a browser names is what it is: most name the older ones as well."""


def named(user_agent: str) -> str:
    """The browser, in words."""
    family = next((name for sign, name in FAMILIES if sign in user_agent), "A browser")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    return f"{family} on {system}" if system else family
