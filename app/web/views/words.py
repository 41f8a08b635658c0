"""The scale in words, for a reader who has just been interviewed."""

from app.scoring.faces.wording import LEVELS, level_word

__all__ = ["LEVELS", "level_word"]

DEPTHS = ("absent", "mentioned", "explained", "justified", "grounded")
LEVEL_MEANING = (
    "nothing was said, or only wrong things",
    "the right things were named without explaining them",
    "the main points with some how, but it would read the same for any problem",
    "how and why, tied to this problem, with a trade-off weighed",
    "strong, with numbers, alternatives compared and failures foreseen unprompted",
)
DECISIONS = {
    "strong_yes": ("Strong yes", "A strong yes for a senior role, with room to spare."),
    "yes": ("Yes", "A yes for a senior role."),
    "lean_yes": ("Leaning yes", "A narrow yes for a senior role; it could be made safe."),
    "lean_no": ("Leaning no", "Close to a senior yes: two or three habits would turn it."),
    "no": ("Not yet", "Not a senior yes yet, and the way there is plain to see."),
    "strong_no": ("Not yet", "Not a senior yes yet; much was left unsaid, all of it learnable."),
}
SENIORITY = {
    "below-L4": "It does not meet the L4 bar yet.",
    "L4": "It meets the bar of an L4 engineer.",
    "L5": "It meets the bar of a senior (L5) engineer.",
    "L6": "It meets the bar of a staff (L6) engineer.",
}
RATERS = {"offline": "the offline scorer", "llm": "a language model", "human": "a person"}
SHELL_TO_PAGE = (
    (" If that is wrong, name the candidate (--speaker NAME).", ""),
    (" (--speaker NAME)", ""),
)


def for_page(message: str) -> str:
    """A note without the words for the shell."""
    for shell, page in SHELL_TO_PAGE:
        message = message.replace(shell, page)
    return message
