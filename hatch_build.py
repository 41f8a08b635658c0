"""Pack the authored folders into the wheel as app/_content/, where app/content.py looks first.

An editable installation reads them from the checkout, so that an edited rubric counts at once.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENT = ("rubrics", "question_bank", "prompts", "static")


class PackContent(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for folder in CONTENT:
            if (Path(self.root) / folder).is_dir():
                build_data["force_include"][folder] = f"app/_content/{folder}"
