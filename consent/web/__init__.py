"""HTTP: bytes in, one trip, bytes out. Nothing here decides anything that a law or a publisher cares about."""
