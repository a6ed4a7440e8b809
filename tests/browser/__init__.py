"""The widget in a real Chromium, from another origin, against the real service."""
