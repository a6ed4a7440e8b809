"""What the service counts of itself, for Prometheus. No label ever carries an id, an address or a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
disable_created_metrics()  # type: ignore[no-untyped-call]  # when a series began is of no use to Prometheus, and is another series
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """One process's counters; several worker processes are summed through a shared folder."""

    def __init__(self, shared_folder: str | None = None) -> None:
        self.registry = CollectorRegistry()
        self._shared_folder = shared_folder
        answers = self._counter("consent_http_answers", "Answers given.", "endpoint", "status")
        self._answers = lru_cache(maxsize=1024)(answers.labels)  # finding a label anew costs more than counting
        seconds = self._histogram("consent_http_seconds", "From a request's head to its answer's.", SECONDS, "endpoint")
        self._seconds = lru_cache(maxsize=512)(seconds.labels)
        records = self._counter("consent_records", "Consent records committed.", "site", "action")
        self._records = lru_cache(maxsize=1024)(records.labels)
        self.failed_commits = self._counter("consent_commits_failed", "Groups that could not be committed.")
        self.group_size = self._histogram("consent_group_size", "Drafts in one transaction.", SIZES)
        self.commit_seconds = self._histogram("consent_commit_seconds", "From a group's start to its commit.", SECONDS)
        self.waiting = Gauge(
            "consent_waiting", "Drafts that wait.", registry=self.registry, multiprocess_mode="livesum"
        )
        self.limits_alone = self._counter(
            "consent_limits_alone", "Requests whose rate this process counted alone, because Redis did not answer."
        )
        self.loaded = self._counter("consent_sites_loaded", "Publications taken up while running.")
        self._newsletter()
        self._operations()

    def _newsletter(self) -> None:
        """The newsletter's figures."""
        self._asked = self._counter("consent_signups_asked", "Sign-ups by what became of them.", "site", "verdict")
        self._confirmed = self._counter("consent_signups_confirmed", "Subscriptions confirmed.", "site")
        self._left = self._counter("consent_subscriptions_left", "Subscriptions ended, and how.", "site", "how")
        self._mails = self._counter("consent_mails", "Attempts to send a mail.", "what", "outcome")
        self._deliveries = self._counter("consent_deliveries", "Attempts to tell an endpoint.", "kind", "outcome")
        self._outbox = self._gauge("consent_outbox", "What waits in the outbox, and what is given up.", "state")
        self._outbox_oldest = self._gauge("consent_outbox_oldest_seconds", "By how much the oldest is overdue.")
        self._attack = self._gauge("consent_attack_level", "0 as usual, 1 and 2 under attack.", "site")

    def _operations(self) -> None:
        """How the service stands; read anew whenever it is asked for."""
        self._info = self._gauge("consent_info", "1; the program's version and the engine.", "version", "engine")
        self._sizes = self._gauge("consent_log_records", "How many records a site's log has.", "site")
        self._erased = self._gauge("consent_log_erased", "How many of them are erased.", "site")
        self._sessions = self._gauge("consent_sessions", "Sessions of the console.")
        self._swept = self._gauge("consent_swept_age_seconds", "Since the last sweep; -1: none yet.")
        self._backup_age = self._gauge("consent_backup_age_seconds", "Since the last backup; -1: none is known of.")
        self._backup_bytes = self._gauge("consent_backup_bytes", "How long the last backup's file is.")
        words = "1 for a part of some process that is late, or cannot be read."
        self._late = Gauge("consent_part_late", words, ["part"], registry=self.registry, multiprocess_mode="livemax")

    def group(self, taken: int, left: int) -> None:
        """A group is being written while others wait."""
        self.group_size.observe(taken)
        self.waiting.set(left)

    def recorded(self, site: str, action: str) -> None:
        """A record was committed."""
        self._records(site, action).inc()

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """An answer's head went out, so long after its request's came in."""
        self._answers(endpoint, status).inc()
        self._seconds(endpoint).observe(seconds)

    def asked(self, site: str, verdict: str) -> None:
        """A sign-up was taken: accept, challenge or drop."""
        self._asked.labels(site, verdict).inc()

    def confirmed(self, site: str) -> None:
        """A subscription was confirmed by its reader."""
        self._confirmed.labels(site).inc()

    def left(self, site: str, how: str) -> None:
        """A subscription ended: unsubscribed, not_me, bounced, complained or erased."""
        self._left.labels(site, how).inc()

    def mailed(self, what: str, outcome: str) -> None:
        """An attempt to send a mail of this kind ended: sent, delayed, refused, dead or dropped."""
        self._mails.labels(what, outcome).inc()

    def delivered(self, kind: str, outcome: str) -> None:
        """An attempt to tell a webhook or a sync ended: told, delayed or dead."""
        self._deliveries.labels(kind, outcome).inc()

    def outbox(self, by_state: Mapping[str, int], overdue_ms: int) -> None:
        """How much lies in the outbox, and how long the oldest of it has been due."""
        for state in ("waiting", "dead"):
            self._outbox.labels(state).set(by_state.get(state, 0))
        self._outbox_oldest.set(overdue_ms / 1000)

    def stands(self, version: str, engine: str, records: Mapping[str, int], erased: Mapping[str, int]) -> None:
        """What runs, and how long the logs are."""
        self._info.labels(version, engine).set(1)
        for site, size in records.items():
            self._sizes.labels(site).set(size)
            self._erased.labels(site).set(erased.get(site, 0))

    def upkeep(self, sessions: int, swept_ms: int | None, backup_ms: int | None, backup_bytes: int) -> None:
        """How long ago what has to be done again and again was done; None for never."""
        self._sessions.set(sessions)
        self._swept.set(-1 if swept_ms is None else swept_ms / 1000)
        self._backup_age.set(-1 if backup_ms is None else backup_ms / 1000)
        self._backup_bytes.set(backup_bytes)

    def late(self, parts: Mapping[str, bool]) -> None:
        """Which parts of this process are late."""
        for part, is_late in parts.items():
            self._late.labels(part).set(int(is_late))

    def attack(self, site: str, level: int) -> None:
        """The site's level of attack mode, 0 to 2."""
        self._attack.labels(site).set(level)

    def page(self) -> bytes:
        """All figures in Prometheus' text format."""
        if self._shared_folder is None:
            return generate_latest(self.registry)
        summed = CollectorRegistry()
        multiprocess.MultiProcessCollector(summed, self._shared_folder)  # type: ignore[no-untyped-call]
        return generate_latest(summed)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        """Of what all processes see alike: who looked last tells it."""
        return Gauge(name, words, labels, registry=self.registry, multiprocess_mode="livemostrecent")

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, words, labels, buckets=buckets, registry=self.registry)
