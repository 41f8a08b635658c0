"""Who hears it: what happens between people while a session runs."""
