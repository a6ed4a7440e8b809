"""What leaves for publishers' systems and mailing providers, and what comes back: over real sockets."""
