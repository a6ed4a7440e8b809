"""The people who may use the console: members, their roles at sites, how they sign in, and their sessions."""
