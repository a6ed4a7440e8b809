"""`consent dashboard`: what an operator's own instruments are set up with."""

from __future__ import annotations

from importlib.resources import files

import click


@click.command()
@click.option("--alerts", is_flag=True, help="Prometheus' alert rules instead (YAML).")
def dashboard(alerts: bool) -> None:
    """Print the dashboard for Grafana (JSON), or the alerts for Prometheus."""
    name = "alerts.yaml" if alerts else "grafana.json"
    click.echo(files("consent").joinpath("operations", name).read_text("utf-8"), nl=False)
