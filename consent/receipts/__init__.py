"""A consent record as a receipt for machines, in the forms that are agreed on elsewhere.

Invariant: a receipt says nothing that the record and its notice do not.
"""

from consent.receipts.iso27560 import CONTEXT, MEDIA, Sources, receipt
from consent.receipts.kantara import VERSION as KANTARA
from consent.receipts.kantara import kantara

__all__ = ["CONTEXT", "KANTARA", "MEDIA", "Sources", "kantara", "receipt"]
