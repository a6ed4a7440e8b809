"""`consent site check|publish FILE`, `consent site snippet|export SITE`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from consent import deeds, embedding, publishing
from consent.cli import findings as printing
from consent.cli.opening import opened, run
from consent.editing import releasing
from consent.errors import Refused
from consent.inspection import ANSWERS, Answer, Terms, compare
from consent.inspection.traces import read as read_traces
from consent.lint import Finding, lint, rules_table
from consent.notices import SiteFile
from consent.publishing import Objected, Publisher, Publishing

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def site() -> None:
    """Check a site file, put it in force, or print what its pages need."""


@site.command()
@click.argument("file", type=FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or programs.")
@click.option("--errors-only", is_flag=True, help="Exit 1 for errors alone, which stop a publication.")
@click.option("--all", "every", is_flag=True, help="In text, list every rule, those too that no file can break.")
@click.option(
    "--traces", type=FILE, help="What a page left in a browser, to be compared: a .har, or the script's line."
)
@click.option("--answer", type=click.Choice([*ANSWERS]), default="none", help="What had been answered by then.")
def check(file: Path, form: str, errors_only: bool, every: bool, traces: Path | None, answer: Answer) -> None:
    """Hold a site FILE against its grammar and the linter's rules; exit 1 when anything is found.

    With --traces also a page against the FILE: what it keeps in a browser, and whom it calls, before it may.
    """
    try:
        checked = publishing.check(file.read_bytes())
    except Refused as refused:
        if form == "text":
            raise
        click.echo(printing.faults_as_json(refused.faults))
        sys.exit(1)
    found = (*lint(checked), *(_strays(checked, traces.read_bytes(), answer) if traces else ()))
    told = [printing.as_json(found)] if form == "json" else _checked(checked, found, every=every)
    for line in told:
        click.echo(line)
    if any(one.severity == "error" or not errors_only for one in found):
        sys.exit(1)


def _checked(checked: SiteFile, found: Sequence[Finding], *, every: bool) -> Iterator[str]:
    yield from printing.as_text(found)
    if every:
        yield from printing.table(rules_table(), found)
    whole = f"{len(checked.purposes)} purposes, {len(checked.languages)} languages"
    yield f"{checked.id}: {printing.counted(found)}" if found else f"{checked.id}: in order ({whole})"


def _strays(checked: SiteFile, written: bytes, answer: Answer) -> Iterator[Finding]:
    """What the page does that the file does not say, as findings; what is only worth a look stays out."""
    terms = Terms(site=checked.id, url="", notice=publishing.compiled(checked), partners=frozenset(checked.origins))
    compared = compare(read_traces(written), terms, answer)
    for one in compared.remarks:
        if one.level == "bad":
            yield Finding(
                rule="page",
                severity="error",
                where=compared.page or "the page",
                why=one.words,
                words="A page keeps and calls nothing that its notice does not name, and nothing before it may.",
                mend=one.mend,
                jurisdiction="EU",
                source="ePrivacy Directive, Art. 5(3); GDPR, Art. 13(1)",
            )


@site.command()
@click.argument("file", type=FILE)
def publish(file: Path) -> None:
    """Create or update the site in FILE; running services take it up within two seconds."""
    site_file = publishing.check(file.read_bytes())
    try:
        publishing.gate(site_file)
    except Objected as objected:
        for line in printing.as_text(objected.findings):
            click.echo(line, err=True)
        click.echo(f"{site_file.id}: not published: {printing.counted(objected.findings)}", err=True)
        sys.exit(1)

    async def work() -> Publishing:
        async with opened() as services:
            publisher = Publisher(
                database=services.database, vault=services.vault, clock=services.clock, url=services.settings.url
            )
            return await publishing.publish(publisher, site_file, by=deeds.COMMAND)

    done = run(work())
    for finding in done.findings:
        click.echo(str(finding), err=True)
    for partner in done.neighbours.unknown:
        words = f"there is no site '{partner}' yet: nothing goes along to it until it is published and names this one"
        click.echo(f"warning consent.together: {words}", err=True)
    for other in done.neighbours.sharing:
        words = f"the cookie of '{other}' reaches the same hosts: a choice at one site replaces that at the other"
        click.echo(f"warning consent.cookie_domain: {words}; give each a domain of its own", err=True)
    _tell(done)


@site.command()
@click.argument("site")
@click.option("--nonce", is_flag=True, help="Leave room for the nonce of a Content Security Policy.")
def snippet(site: str, nonce: bool) -> None:
    """Print what every page of SITE has to begin its <head> with."""

    async def work() -> str:
        async with opened(reads_only=True) as services:
            await services.directory.refresh()
            found = services.directory.get(site)
            return embedding.snippet(found.notice, services.settings.url, found.settings.mute, nonce=nonce)

    click.echo(run(work()))


@site.command()
@click.argument("site")
@click.option("--publication", type=click.IntRange(1), help="Of this publication; else of the one in force.")
def export(site: str, publication: int | None) -> None:
    """Print the site file (TOML) that SITE was published with, wherever it was written."""

    async def work() -> bytes:
        async with opened(reads_only=True) as services:
            return await releasing.exported(services, site, publication)

    click.echo(run(work()), nl=False)


def _tell(done: Publishing) -> None:
    click.echo(done.digest)
    if done.is_new:
        click.echo(f"{done.site}: published for the first time")
    elif not done.changes and not done.asks_again:
        click.echo(f"{done.site}: the notice in force says the same already; visitors are not asked again")
    for change in done.changes:
        click.echo(f"  {'material' if change.material else 'cosmetic'}: {change}")
    if done.changes:
        again = "visitors are asked again" if done.asks_again else "visitors are not asked again"
        click.echo(f"{done.site}: publication {done.revision}; {again}")
