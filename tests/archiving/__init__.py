"""Backups and restores, on both engines and across them."""
