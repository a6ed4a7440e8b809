"""Writing a site's notice: drafts that several people may change, comparing, publishing and rolling back.

`places`, `merging`, `fields` and `sections` are pure: what a form shows of a site file's tables and what comes back of
it, and three of them brought together. `drafting`, `comparing`, `releasing` are the trips; `files` knows the site file
of each publication.

Invariant: nothing that somebody wrote is lost to what somebody else wrote: what cannot be brought together is kept
aside until a person chooses.
"""
