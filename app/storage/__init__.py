"""What is kept: all SQL is in this package, and its rows never leave it."""
