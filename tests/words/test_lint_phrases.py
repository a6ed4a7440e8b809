"""What words give away: in each language that there are patterns for, and never in the words of the service."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from consent.lint import lint, phrases
from consent.lint.phrases import Theme
from consent.lint.wording import LABELS
from consent.notices import packaged_languages, packaged_words, read_site_file
from tests.words.sites.making import altered, tables, toml
from tests.words.test_lint import MENDED

CONTINUING = {
    "en": ["By continuing to use this site you agree to cookies.", "Your continued use of the site means consent.",
           "If you keep reading, we assume that you are fine with it.", "You consent by scrolling down."],
    "es": ["Al continuar navegando acepta el uso de cookies.",
           "Si sigues en la web utilizando el menú, estás de acuerdo."],
    "fr": ["En poursuivant votre navigation, vous acceptez l’utilisation de cookies.",
           "La poursuite de la navigation vaut acceptation."],
    "de": ["Durch Weitersurfen stimmen Sie der Nutzung von Cookies zu.", "Wenn du weiterliest, bist du einverstanden.",
           "Mit der weiteren Nutzung der Seite erklären Sie sich einverstanden."],
    "it": ["Proseguendo la navigazione acconsenti all’uso dei cookie.", "Scorrendo questa pagina accetti i cookie."],
    "pt": ["Ao continuar a navegar, aceita a utilização de cookies.", "Se permanecer no site, concorda."],
    "nl": ["Door verder te gaan gaat u akkoord met cookies.", "Als je blijft surfen, geef je toestemming."],
    "pl": ["Kontynuując przeglądanie, zgadzasz się na pliki cookie.", "Dalsze korzystanie ze strony oznacza zgodę."],
}  # fmt: skip
CLOSING = {
    "en": "By clicking “X” you agree to cookies.",
    "es": "Al cerrar este aviso aceptas las cookies.",
    "fr": "En fermant ce bandeau, vous acceptez les cookies.",
    "de": "Wenn Sie dieses Fenster schließen, stimmen Sie zu.",
    "it": "Chiudendo questo avviso acconsenti ai cookie.",
    "pt": "Ao fechar este aviso, aceita os cookies.",
    "nl": "Als u dit venster sluit, geeft u toestemming.",
    "pl": "Zamykając to okno, wyrażasz zgodę.",
}
# What a careful notice says of the same things.
CAREFUL = {
    "en": ["If you close this notice, nothing optional runs.", "You can continue reading without accepting.",
           "Scrolling or reading on is not consent.", "By pressing Accept you agree to all purposes."],
    "es": ["Si cierra este aviso, no se guarda nada opcional.", "Puede continuar sin aceptar.",
           "Al pulsar Aceptar, acepta todo."],
    "fr": ["Si vous fermez ce bandeau, rien d’optionnel n’est activé.", "Continuer sans accepter",
           "En cliquant sur « Accepter », vous acceptez toutes les finalités."],
    "de": ["Wenn Sie schließen, läuft nichts Optionales.", "Sie können ohne Zustimmung weiterlesen.",
           "Wir nutzen Cookies nur mit Ihrer Einwilligung."],
    "it": ["La chiusura mediante la X comporta il permanere delle impostazioni predefinite.",
           "Continua senza accettare"],
    "pt": ["Se fechar este aviso, nada opcional é guardado.", "Pode continuar sem aceitar."],
    "nl": ["Als u sluit, wordt niets optioneels bewaard.", "U kunt verder lezen zonder te accepteren."],
    "pl": ["Jeśli zamkniesz to okno, nic opcjonalnego nie działa.", "Możesz czytać dalej bez akceptowania."],
}  # fmt: skip
REFUSALS = {
    "en": ("Refuse all", "Cookie settings", "Not now", "No, I hate saving money", "Accept and close"),
    "es": ("Rechazar todo", "Configurar cookies", "Ahora no", "No, prefiero una peor experiencia", "Aceptar y cerrar"),
    "fr": (
        "Tout refuser",
        "Paramétrer les cookies",
        "Plus tard",
        "Non, je préfère rater l’actualité",
        "Accepter et fermer",
    ),
    "de": ("Alle ablehnen", "Einstellungen verwalten", "Später", "Nein, ist mir egal", "Akzeptieren und schließen"),
    "it": ("Rifiuta tutto", "Gestisci le preferenze", "Più tardi", "No, non mi interessa", "Accetta e chiudi"),
    "pt": ("Recusar tudo", "Gerir preferências", "Agora não", "Não, prefiro ficar de fora", "Aceitar e fechar"),
    "nl": (
        "Alles weigeren",
        "Instellingen beheren",
        "Later",
        "Nee, ik haat goede journalistiek",
        "Accepteren en sluiten",
    ),
    "pl": ("Odrzuć wszystko", "Zarządzaj ustawieniami", "Później", "Nie, wolę gorszą wersję", "Akceptuj i zamknij"),
}
PROSE: tuple[Theme, ...] = ("continuing", "closing", "wall", "pay", "urgency", "double")
SPOKEN = sorted(phrases.tongues())


def rules(language: str, section: str, **words: str) -> set[str]:
    """The rules that the Harbour Post's file breaks in this language, with these words of its own."""
    raw = tables()
    for place, value in MENDED:
        altered(place, value, raw)
    raw["languages"] = ["en", *(tag for tag in (language,) if tag != "en")]
    told = toml(_in_languages(raw, raw["languages"]) | {"texts": {language: {section: words}}})
    return {one.rule for one in lint(read_site_file(told))}


def _in_languages(raw: Any, tags: list[str]) -> Any:
    """The tables with words in these languages, the ones of another being told apart by its tag."""
    if isinstance(raw, dict) and set(raw) == {"en", "es"}:
        return {tag: f"{raw['en']} ({tag})" for tag in tags}
    if isinstance(raw, dict):
        return {key: _in_languages(value, tags) for key, value in raw.items()}
    return [_in_languages(value, tags) for value in raw] if isinstance(raw, list) else raw


def test_there_are_patterns_for_the_eight_languages() -> None:
    assert set(SPOKEN) == set(CONTINUING) == set(CLOSING) == set(CAREFUL) == set(REFUSALS)
    for language in SPOKEN:
        for theme in get_args(Theme):
            assert phrases.pattern(theme, language).pattern != r"(?!)", (language, theme)


@pytest.mark.parametrize("language", SPOKEN)
def test_what_is_no_choice_is_found_in_words(language: str) -> None:
    for sentence in CONTINUING[language]:
        assert "R07" in rules(language, "notice", opt_in=sentence), sentence
    assert "R06" in rules(language, "notice", opt_in=CLOSING[language])
    for sentence in CAREFUL[language]:
        assert not {"R06", "R07", "R08", "R08b"} & rules(language, "notice", opt_in=sentence), sentence


@pytest.mark.parametrize("language", SPOKEN)
def test_a_button_says_what_it_does(language: str) -> None:
    refuse, settings, later, shaming, accept_and_close = REFUSALS[language]
    of_labels = {"R02", "R02b", "R22", "R25", "R06"}
    assert not of_labels & rules(language, "notice", refuse=refuse)
    assert "R02" in rules(language, "notice", refuse=settings)
    assert "R25" in rules(language, "notice", refuse=later)
    assert "R22" in rules(language, "notice", refuse=shaming)
    assert "R22" in rules(language, "signup", decline=shaming)
    assert "R06" in rules(language, "notice", close_refuse=accept_and_close)


@pytest.mark.parametrize("language", packaged_languages())
def test_our_own_words_give_nothing_away(language: str) -> None:
    words = packaged_words(language)
    for section in ("notice", "preferences", "placeholder", "signup"):
        for key, text in words[section].items():
            for theme in PROSE:
                assert not phrases.said(theme, language, text), (section, key, theme)
            if key in LABELS.get(section, ()):
                assert not phrases.said("shaming", language, text), (section, key)
    for label in ("close_refuse", "close_later"):
        assert not phrases.said("yes", language, words["notice"][label])
    if language.partition("-")[0] in phrases.tongues():
        assert phrases.said("no", language, words["notice"]["refuse"])


def test_quotes_blanks_and_capitals_hide_nothing() -> None:
    for sentence in ("BY CLICKING „X“ YOU AGREE", "by\u00a0clicking ’x’   you agree", "By clicking the × you agree"):
        assert "R06" in rules("en", "notice", opt_in=sentence), sentence


def test_a_language_without_patterns_is_still_told_labels_that_say_the_same() -> None:
    accept = packaged_words("fi")["notice"]["accept"]
    assert rules("fi", "notice", refuse=accept.upper()) == {"R02"}
    assert rules("fi", "notice", refuse="Aivan muuta") == set()
    assert "R07" in rules("fi", "notice", opt_in="By continuing to use this site you agree.")


def test_every_pattern_is_linear_enough() -> None:
    """No pattern nests a repetition in another, so that no text makes it search for long."""
    for language in SPOKEN:
        for theme in get_args(Theme):
            source = phrases.pattern(theme, language).pattern
            assert not re.search(r"\([^()]*[*+][^()]*\)[*+]", source), (language, theme)
