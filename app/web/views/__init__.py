"""What a page shows, as small frozen values; templates only lay them out."""
