"""What can be asked of the service over HTTP: one entry for each method at each address, a table a part.

Invariant: a test holds this table against the URL table: no route without its entry, no entry without a route. The
console's pages have one entry together.
"""

from __future__ import annotations

from consent.web.browser_operations import BROWSERS
from consent.web.claim_operations import CLAIMS
from consent.web.described import Operation
from consent.web.letter_operations import LETTERS
from consent.web.newsletter_operations import NEWSLETTER
from consent.web.publisher_operations import PUBLISHERS
from consent.web.service_operations import SERVICE
from consent.web.statistics_operations import STATISTICS
from consent.web.webhook_operations import ENDPOINTS

OPERATIONS: tuple[Operation, ...] = (
    *BROWSERS,
    *PUBLISHERS,
    *NEWSLETTER,
    *STATISTICS,
    *LETTERS,
    *CLAIMS,
    *ENDPOINTS,
    *SERVICE,
)
