"""How we know: see README.md in this folder."""
