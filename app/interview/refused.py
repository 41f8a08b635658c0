"""A command that the session's rules do not allow now."""


class Refused(Exception):
    """A closed code and a sentence for whoever sent it. `retry`: the same command may succeed later."""

    def __init__(self, code: str, sentence: str, *, retry: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.retry = retry
