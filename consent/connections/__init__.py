"""The publisher's other systems: how one is connected, what it is told of, and what it tells."""
