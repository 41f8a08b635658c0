"""The rubric's desk keeps the line ends of its files, and takes nothing new for no draft."""

import shutil
from datetime import UTC, datetime

from app.rubric.load import VERSION_FILE
from app.rubric.shelf import DEFAULT, find_rubrics
from app.storage.db import migrate, open_database
from app.storage.revisions import Author
from app.web.rubric_desk import VERSION_LINE, RubricDesk
from app.web.standards import Standards

NOW = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
ADA = Author("Ada", "p1")
SCALE = "scale.yaml"


def test_lines_of_a_rubric_file_end_as_they_did(tmp_path):
    folder = tmp_path / "content" / "rubrics" / DEFAULT
    shutil.copytree(find_rubrics()[DEFAULT], folder)
    text = (folder / SCALE).read_text("utf-8")
    dos = text.replace("\n", "\r\n")
    (folder / SCALE).write_bytes(dos.encode())
    engine = open_database(f"sqlite:///{tmp_path}/desk.db")
    migrate(engine)
    content = tmp_path / "content"
    desk = RubricDesk(engine, Standards(content), content, lambda: NOW, files=True)
    base = desk.standing(SCALE).sha256
    for same in (text, dos, text.rstrip("\n")):
        assert not desk.save(SCALE, same, base=base, author=ADA).is_ahead
    assert "edited" not in [revision.action for revision in desk.history(SCALE)]
    after = desk.save(SCALE, text + "# more\n", base=base, author=ADA)
    assert after.text == dos + "# more\r\n" and after.is_ahead
    engine.dispose()


def test_the_line_of_the_version_keeps_its_end():
    text = find_rubrics()[DEFAULT].joinpath(VERSION_FILE).read_text("utf-8")
    changed = VERSION_LINE.sub("version: 9", text.replace("\n", "\r\n"), 1)
    assert "version: 9\r\n" in changed and changed.count("\r\n") == text.count("\n")
