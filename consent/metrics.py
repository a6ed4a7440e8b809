"""What the service counts of itself, for Prometheus. No label ever carries an id, an address or a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """One process's counters; several worker processes are summed through a shared folder."""

    def __init__(self, shared_folder: str | None = None) -> None:
        self.registry = CollectorRegistry()
        self._shared_folder = shared_folder
        answers = self._counter("consent_http_answers", "Answers given.", "endpoint", "status")
        self._answers = lru_cache(maxsize=1024)(answers.labels)  # finding a label anew costs more than counting
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

    def group(self, taken: int, left: int) -> None:
        """A group is being written while others wait."""
        self.group_size.observe(taken)
        self.waiting.set(left)

    def recorded(self, site: str, action: str) -> None:
        """A record was committed."""
        self._records(site, action).inc()

    def answered(self, endpoint: str, status: int) -> None:
        """An answer's head went out."""
        self._answers(endpoint, status).inc()

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

    def _histogram(self, name: str, words: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, words, buckets=buckets, registry=self.registry)
