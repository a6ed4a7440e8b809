"""Mailing providers on this machine: each keeps people as its own does, and refuses what its own refuses."""
