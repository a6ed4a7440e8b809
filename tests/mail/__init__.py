"""Ways to send, against real servers: SMTP over TLS, and what each provider's API demands."""
