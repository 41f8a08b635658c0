"""What went wrong in the background, told once."""

import logging
import traceback


class Noted:
    """Tells the logger once of each kind of error at a place, and without the error's own words, which may quote a
    transcript."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._told: set[tuple[str, str]] = set()

    def __call__(self, where: str, error: BaseException) -> None:
        what = type(error).__name__
        if (where, what) not in self._told:
            self._told.add((where, what))
            places = "".join(traceback.format_tb(error.__traceback__))
            self._logger.warning("%s: %s\n%s", where, what, places)
