"""Rules that no site file can break: the widget, the service or the file's own grammar keeps them.

Invariant: each names who keeps it and a test that shows it; a test of ours looks that the test is there.
"""

from __future__ import annotations

from consent.lint.finding import Rule


def kept(id_: str, words: str, where: str, source: str, kept_by: str) -> Rule:
    """A rule that is kept whatever a file says, by whom and with the test that shows it."""
    return Rule(id=id_, words=words, jurisdiction=where, source=source, kept_by=kept_by)


RULES = (
    kept(
        "R01",
        "Before any choice nothing optional is stored, read or fetched.",
        "EU, UK",
        "ePrivacy directive, article 5(3); EDPB cookie banner taskforce",
        "the widget's gates: tests/browser/test_spine.py::test_refused_then_granted_then_proven",
    ),
    kept(
        "R04b",
        "Every switch starts off, in every layer.",
        "EU",
        "CJEU C-673/17 (Planet49)",
        "the widget: tests/browser/test_layers.py::test_a_switch_for_each_purpose_and_each_service",
    ),
    kept(
        "R05d",
        "Text on the buttons has a contrast of 4.5:1 at least, on any accent, in light and in dark.",
        "EU, TCF",
        "WCAG 2.2, 1.4.3; TCF policies",
        "the ink chosen for the accent: tests/words/test_notices_colours.py::test_text_on_any_accent_can_be_read",
    ),
    kept(
        "R05e",
        "Accept and refuse are worn alike in every computed style.",
        "EU, IT",
        "EDPB cookie banner taskforce, type F; Garante, 10 June 2021",
        "the widget: tests/browser/test_layers.py::test_accept_and_refuse_are_the_same_in_every_computed_style",
    ),
    kept(
        "R06b",
        "Closing gives nothing, under no law.",
        "EU, IT, US",
        "Garante, 10 June 2021",
        "the widget: tests/browser/test_spine.py::test_closing_refuses_and_never_accepts,"
        " tests/browser/test_regimes.py::test_closing_the_notice_gives_nothing_under_opt_out_either",
    ),
    kept(
        "R09b",
        "Withdrawing is one button behind the way back, ends what ran, and is on record.",
        "EU",
        "GDPR, article 7(3)",
        "the widget: tests/browser/test_spine.py::test_withdrawing_ends_what_ran_and_is_on_record",
    ),
    kept(
        "R11b",
        "The first layer names controller, purposes and policies, under every law.",
        "EU, FR",
        "CNIL 2020-091; GDPR, article 13",
        "the widget: tests/browser/test_layers.py::test_the_first_layer_asks_as_the_law_of_the_place_wants",
    ),
    kept(
        "R12d",
        "Recipients, cookies and lifetimes can be read where the choice is made.",
        "EU",
        "CJEU C-673/17 (Planet49); CNIL 2020-091",
        "the second layer: tests/browser/test_layers.py::test_the_second_layer_tells_all_there_is_to_know",
    ),
    kept(
        "R16",
        "No choice is older than 13 months.",
        "EU, TCF",
        "TCF policies; CNIL 2020-092",
        "the file's grammar, 395 days at most:"
        " tests/words/test_sitefile_faults.py::test_a_fault_is_told_at_its_place_and_alone,"
        " and the widget: tests/browser/test_closed.py::test_an_expired_choice_is_asked_again",
    ),
    kept(
        "R17",
        "It can be proven who chose what, when, and which words were shown.",
        "EU",
        "GDPR, article 7(1); EDPB 05/2020",
        "the log: tests/browser/test_spine.py::test_refused_then_granted_then_proven",
    ),
    kept(
        "R18",
        "The proof holds no more than it needs, and goes when it is not needed.",
        "EU",
        "GDPR, article 5(1)(c) and (e); EDPB 05/2020",
        "the record: tests/words/test_records.py::test_a_page_is_kept_without_what_may_name_a_person,"
        " and erasure: tests/trips/test_erasing.py::test_a_visitors_records_are_emptied",
    ),
    kept(
        "R21",
        "Withdrawing ends what ran and takes away the cookies that can be reached.",
        "EU",
        "EDPB 05/2020, 112-118",
        "the widget: tests/browser/test_spine.py::test_withdrawing_ends_what_ran_and_is_on_record,"
        " tests/browser/test_clearing.py::test_a_first_refusal_clears_what_was_there_before",
    ),
    kept(
        "R22e",
        "Who refused is not asked a second time.",
        "EU, US-CA",
        "EDPB 03/2022, overloading; 11 CCR 7004(a)(4)",
        "the widget: tests/browser/test_spine.py::test_refused_then_granted_then_proven",
    ),
    kept(
        "R23",
        "The United Kingdom is asked first as well, though statistics of one's own could go without.",
        "UK",
        "DUAA 2025, schedule A1; ICO, 29 April 2026",
        "the table of laws: tests/words/test_regimes.py::test_where_consent_comes_first",
    ),
    kept(
        "R24b",
        "Under no law is the refusal further away than the yes.",
        "EU, US",
        "11 CCR 7004(a)(2); EDPB cookie banner taskforce, type A",
        "the layouts: tests/words/test_regimes.py::test_a_refusal_is_never_further_than_a_yes",
    ),
    kept(
        "R28",
        "That the signal was honoured is shown.",
        "US-CA",
        "11 CCR 7025(c)(6), in force since 2026",
        "the widget: tests/browser/test_layers.py::test_an_honoured_signal_is_shown_and_the_notice_is_not",
    ),
    kept(
        "R29",
        "An opt-out is confirmed.",
        "US-CA",
        "11 CCR 7026(g), in force since 2026",
        "the widget: tests/browser/test_layers.py::test_an_opt_out_is_confirmed_and_stays_so",
    ),
    kept(
        "R32",
        "Universal opt-outs are honoured, and the rest of the United States may opt out too.",
        "US",
        "the laws of CA, CO, CT, DE, MD, MN, MT, NE, NH, NJ, OR, TX",
        "the table of laws:"
        " tests/words/test_regimes.py::test_all_of_the_united_states_may_opt_out_and_california_has_its_own_label",
    ),
    kept(
        "R33c",
        "A place that is not known gets the strictest notice.",
        "all",
        "GDPR, article 3(2)",
        "the table of laws: tests/words/test_regimes.py::test_a_place_that_is_not_known_is_asked_the_strictest_way",
    ),
    kept(
        "R34e",
        "A subscription is proven: the form's words, both times, and the button in the mail.",
        "EU, DE",
        "GDPR, article 7(1); BGH I ZR 164/09",
        "the confirmation's record: tests/trips/test_confirm.py::test_the_record_proves_what_was_shown_and_when",
    ),
    kept(
        "R35",
        "Every newsletter is left by one click, and by opening a link never.",
        "all",
        "RFC 8058; the rules for senders of Google and Yahoo",
        "the letters' links: tests/web/test_letter_links.py::test_unsubscribing_is_one_post_of_any_form,"
        " tests/web/test_letter_links.py::test_opening_a_link_changes_nothing",
    ),
    kept(
        "R37b",
        "Every language of the site has every word, name and description.",
        "EU",
        "GDPR, article 12(1)",
        "the file's grammar:"
        " tests/words/test_sitefile_rules.py::test_a_language_without_words_of_ours_must_bring_them_all",
    ),
    kept(
        "R30",
        "Who opted out of sale is not asked to opt in again for twelve months.",
        "US-CA",
        "Cal. Civ. Code 1798.135(c)(4)",
        "the regime, whatever the file's lifetimes: tests/words/test_regimes.py::test_an_opt_out_holds_for_a_year",
    ),
)
