"""What the settings page says about who was paid for what."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.llm.ledger import Spent

KINDS = {
    "session": ("A session", "/sessions/"),
    "report": ("A second opinion", "/reports/"),
    "file": ("A second opinion on a file", ""),
}
PROBE = "Asking it here"


@dataclass(frozen=True, slots=True)
class AccountLine:
    name: str
    href: str
    spent: Spent


def account_lines(accounts: Sequence[tuple[str, Spent]]) -> list[AccountLine]:
    return [_line(account, spent) for account, spent in accounts]


def _line(account: str, spent: Spent) -> AccountLine:
    """`session:ID` and `report:ID` lead to their page, which may have been deleted since; what was scored on the
    command line is `file:` and has none."""
    kind, _, id = account.partition(":")
    if kind not in KINDS:
        return AccountLine(PROBE if kind == "probe" else kind, "", spent)
    name, place = KINDS[kind]
    return AccountLine(f"{name} ({id[:8]})", place and place + id, spent)
