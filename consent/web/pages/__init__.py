"""Pages for people, rendered on the server: nothing from anywhere else, and no script but for one check (`asking`).

`engine` renders, `styles` serves what the pages look like, `words` speaks the reader's language, and each other module
makes what one kind of page shows.
"""
