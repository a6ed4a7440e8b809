"""What the service does beside what the machine could do: ratios, taken in one run; never a test that passes or fails."""
