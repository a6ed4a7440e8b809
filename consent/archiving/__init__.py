"""Backups: one file that either engine can be restored from, and what a restore must not undo."""
