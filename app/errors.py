"""Every error a user can meet. One sentence each, in the user's words; one status for the web, one for the shell.

SevenstepError
├── NotFound            404, exit 3   no such report, question, rubric, page, session
├── Conflict            409, exit 1   the same command was sent with another content
├── Unavailable         503, exit 1   the database cannot answer now; trying again is safe
├── InvalidInput        422, exit 3   what was given cannot be used
│   ├── UnreadableTranscript           no format fits, or the file is broken
│   ├── TooLarge        413            over a published limit
│   └── InvalidContent                 a rubric, question or prompt file has problems
└── CannotStart         exit 2         the settings contradict one another
"""


class SevenstepError(Exception):
    """Base of the tree: `str(error)` is a sentence that may be shown to a user."""

    status = 500
    exit_code = 1


class NotFound(SevenstepError):
    status = 404
    exit_code = 3


class Conflict(SevenstepError):
    status = 409


class Unavailable(SevenstepError):
    status = 503


class InvalidInput(SevenstepError):
    status = 422
    exit_code = 3


class UnreadableTranscript(InvalidInput):
    """The words could not be read out of the file."""


class TooLarge(InvalidInput):
    status = 413


class InvalidContent(InvalidInput):
    """An authored file has problems; `problems` holds one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class CannotStart(SevenstepError):
    exit_code = 2
