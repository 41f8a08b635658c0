"""Which names a question may have: a slug becomes a file's name, so it is never anything but a plain word."""

import re

SLUG = re.compile(r"[a-z][a-z0-9-]{1,48}", re.ASCII)
# Names that a file cannot have on every machine.
PAGES = {"new", "import", "export", "health", "help"}  # which stand beside the questions' own
TAKEN = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}


def wrong_slug(slug: object) -> str | None:
    """A sentence why this cannot be a question's slug, or None."""
    shown = ascii(slug)[:60]
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        return f"{shown} is no slug: two to 49 small letters, digits and hyphens, a letter first"
    if slug in PAGES:
        return f"{shown} is no slug: a page has that name"
    if slug in TAKEN:
        return f"{shown} is no slug: some machines cannot have a file of that name"
    return None
