"""Two reports on the same words have a job each, and one of them runs at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("finished_at IS NULL")
RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    _once_unfinished("dedupe_key", "report_id")
    op.create_index(
        "ix_job_running",
        "job",
        ["dedupe_key"],
        unique=True,
        postgresql_where=RUNNING,
        sqlite_where=RUNNING,
    )


def downgrade() -> None:
    op.drop_index("ix_job_running", "job")
    # the older version knew one job for all reports on the same words
    op.execute("DELETE FROM job WHERE finished_at IS NULL")
    _once_unfinished("dedupe_key")


def _once_unfinished(*columns: str) -> None:
    op.drop_index("ix_job_unfinished", "job")
    op.create_index(
        "ix_job_unfinished",
        "job",
        [*columns],
        unique=True,
        postgresql_where=UNFINISHED,
        sqlite_where=UNFINISHED,
    )
