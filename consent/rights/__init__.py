"""What the law gives a person: to see all that is kept, and to have it erased; and what becomes of either.

Who asks is named by what a person has: addresses, subjects (the id of a browser), records, receipts. A browser and a
subscriber are different subjects, and a person may bring several of each (`finding`). `accessing` gives everything as
one bundle; `forgetting` says what an erasure takes and what stays, and does it; either leaves a signed receipt
(`claiming`). Which addresses were erased is remembered by their keyed hashes, so that a restored database can be
erased again.

Invariant: what a person is told is the person's own, and an erasure leaves the log verifying.
"""

from consent.rights.finding import Who

__all__ = ["Who"]
