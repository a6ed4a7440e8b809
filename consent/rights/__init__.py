"""What the law gives a person: to see all that is kept, and to have it erased."""
