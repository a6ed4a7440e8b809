"""What publishers' own systems are told, and what their mailing providers tell us.

`guard` is the one way out to addresses that a publisher names; `standard_webhooks` signs; one module for each mailing
provider says how it is told who joined and who left. `inbound` reads what comes the other way, without a network.

Invariant: nobody's address is told to anybody before its owner confirmed, and nobody is revived who left over there.
"""
