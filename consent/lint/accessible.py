"""Rules of who can read the notice and answer it: WCAG 2.2, kept by the widget.

Invariant: as of all that is kept, each names a test that shows it.
"""

from __future__ import annotations

from consent.lint.kept import kept

RULES = (
    kept(
        "W01",
        "The notice is read and answered by keyboard alone, and traps nobody.",
        "EU, US",
        "WCAG 2.2, 2.1.1, 2.1.2, 2.4.3",
        "the widget: tests/browser/test_access.py::test_the_first_layer_is_walked_and_answered_by_keyboard",
    ),
    kept(
        "W02",
        "It fits 320 pixels and 400 per cent.",
        "EU, US",
        "WCAG 2.2, 1.4.4, 1.4.10",
        "the widget: tests/browser/test_access.py::test_every_button_is_reachable_on_320_pixels_zoomed",
    ),
    kept(
        "W03",
        "It hides nothing that has the focus, and takes no focus.",
        "EU, US",
        "WCAG 2.2, 2.4.11, 3.2.1",
        "the widget: tests/browser/test_access.py::test_no_layer_hides_what_has_the_focus",
    ),
    kept(
        "W04",
        "Every control has a name, a role and room for a finger.",
        "EU, US",
        "WCAG 2.2, 2.5.8, 4.1.2",
        "the widget: tests/browser/test_access.py::test_every_target_is_large_enough,"
        " tests/browser/test_access.py::test_every_control_has_a_role_and_a_name",
    ),
    kept(
        "W05",
        "It speaks the page's language, and says which it speaks.",
        "EU, US",
        "WCAG 2.2, 3.1.2",
        "the widget: tests/browser/test_languages.py::test_the_layers_speak_the_pages_language",
    ),
)
