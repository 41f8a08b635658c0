"""Every word that is sent to a model stands in prompts/, one Markdown file each: front matter, then a template.

Rendering is strict: a variable that is not declared, not given, or declared and not used is a fault of the file,
told as a sentence. Templates come from folders that people edit, so they run in Jinja's sandbox.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta
from jinja2.sandbox import SandboxedEnvironment
from pydantic import Field, StringConstraints

from app.content import MAX_BYTES, as_model, content_folders, parse_yaml
from app.errors import InvalidContent, NotFound
from app.rubric.rubric import Authored

ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_][a-z0-9]+)*)*")
VARIABLE = r"^[a-z][a-z0-9_]*$"
FENCE = "---"
# What an authored expression can raise beside Jinja's own errors: "a" + 1, 1 / 0, x[9].
IN_A_TEMPLATE = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError)

_environment = SandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
)


class FrontMatter(Authored):
    """`id` is the file's path below prompts/ without its ending. A new `version` for every change of words."""

    id: Annotated[str, StringConstraints(max_length=100)]
    version: Annotated[int, Field(ge=1)]
    variables: tuple[Annotated[str, StringConstraints(pattern=VARIABLE)], ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """`sha256` is of the file as it stands, front matter included."""

    id: str
    version: int
    sha256: str
    variables: frozenset[str]
    _template: Template
    _where: str

    def render(self, **values: object) -> str:
        """Values that the template does not declare are left out: a file of one's own may do with fewer.
        Raises InvalidContent where one that it declares is missing."""
        if missing := sorted(self.variables - values.keys()):
            raise InvalidContent(
                [
                    f"{self._where} needs a value for {name!r}, which was not given"
                    for name in missing
                ]
            )
        try:
            given = {name: values[name] for name in self.variables}
            return self._template.render(given).strip()
        except IN_A_TEMPLATE as error:
            raise InvalidContent([f"{self._where} cannot be rendered: {error}"]) from error


def get_prompt(id: str, extra: Path | None = None) -> Prompt:
    """By its path below prompts/, like "voice/moves/press"; a file in the user's own folder comes first. Read again
    when the file changes. Raises NotFound, or InvalidContent with one sentence for every fault."""
    if ID.fullmatch(id):
        for shelf in content_folders("prompts", extra):
            path = shelf / f"{id}.md"
            if path.is_file():
                state = path.stat()
                return _kept(path, id, state.st_mtime_ns, state.st_size)
    raise NotFound(f"There is no prompt {id!r:.80}.")


def find_prompts(extra: Path | None = None) -> dict[str, Path]:
    """All prompts by id, the user's own before the built-in ones."""
    found: dict[str, Path] = {}
    for shelf in content_folders("prompts", extra):
        for path in sorted(shelf.rglob("*.md")):
            id = path.relative_to(shelf).with_suffix("").as_posix()
            if ID.fullmatch(id):  # README.md is not one
                found.setdefault(id, path)
    return found


@lru_cache(maxsize=256)
def _kept(path: Path, id: str, changed_ns: int, size: int) -> Prompt:
    """`changed_ns` and `size` are only there to notice that the file is another."""
    where = f"prompts/{id}.md"
    if size > MAX_BYTES:
        raise InvalidContent([f"{where} is larger than {MAX_BYTES // 1_000_000} MB"])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidContent([f"{where} is not UTF-8 text"]) from error
    return parse_prompt(text, id, where)


def parse_prompt(text: str, id: str, where: str) -> Prompt:
    """Raises InvalidContent with one sentence for every fault; `where` names the file in it."""
    head, body = _parts(text, where)
    front = as_model(FrontMatter, parse_yaml(head, where), where)
    try:
        used = meta.find_undeclared_variables(_environment.parse(body))
        template = _environment.from_string(body)
    except TemplateSyntaxError as error:
        raise InvalidContent([f"{where} is not a template: {error.message}"]) from error
    except TemplateError as error:
        raise InvalidContent([f"{where} is not a template: {error}"]) from error
    declared = frozenset(front.variables)
    problems = [f"{where}: its id is {front.id!r}, but its path says {id!r}"] * (front.id != id)
    problems += [
        f"{where} uses {name!r}, which is not declared" for name in sorted(used - declared)
    ]
    problems += [
        f"{where} declares {name!r} and does not use it" for name in sorted(declared - used)
    ]
    if not body.strip():
        problems.append(f"{where} says nothing below its front matter")
    if problems:
        raise InvalidContent(problems)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(id, front.version, digest, declared, template, where)


def _parts(text: str, where: str) -> tuple[str, str]:
    """The YAML between two lines of three dashes, and what follows."""
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if line.strip() == FENCE]
    if fences[:1] != [0] or len(fences) < 2:
        raise InvalidContent([f"{where} must begin with front matter between two lines of {FENCE}"])
    end = fences[1]
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
