"""What the service does beside what the machine could do: ratios, taken in one run; nothing here passes or fails."""
