"""Pages for people, rendered on the server: no script, nothing from anywhere else.

`engine` renders, `styles` serves what the pages look like, `words` speaks the reader's language, and each other module
makes what one kind of page shows.
"""
