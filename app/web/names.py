"""Names given by others: shown on one line, without marks that turn the text around."""

import unicodedata

LIMIT = 120


def clean_name(name: str | None, otherwise: str) -> str:
    """Controls and direction marks out, spaces joined, cut at a limit."""
    kept = "".join(
        " " if c.isspace() else c
        for c in unicodedata.normalize("NFC", name or "")
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())[:LIMIT].strip() or otherwise
