"""What models were paid, a judge's answers, jobs that outlive a process, and reports that stand beside another."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    # no reference in the database: to give SQLite one, the whole table would have to be made anew
    op.add_column("report", sa.Column("beside", sa.String(32)))
    op.create_index("ix_report_beside", "report", ["beside"])
    op.create_table(
        "spending",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(80), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(200)),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("money", sa.Float(), nullable=False),
    )
    op.create_index("ix_spending_account", "spending", ["account"])
    op.create_index("ix_spending_day", "spending", ["day"])
    op.create_table(
        "vote",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "transcript_id", sa.String(32), sa.ForeignKey("transcript.id", ondelete="CASCADE")
        ),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index("ix_vote_created_at", "vote", ["created_at"])
    op.create_index("ix_vote_transcript_id", "vote", ["transcript_id"])
    op.create_table(
        "job",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("dedupe_key", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column(
            "report_id",
            sa.String(32),
            sa.ForeignKey("report.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("result_id", sa.String(32), sa.ForeignKey("report.id", ondelete="SET NULL")),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", "known_job_state"
        ),
    )
    op.create_index("ix_job_dedupe_key", "job", ["dedupe_key"])
    op.create_index("ix_job_report_id", "job", ["report_id"])
    op.create_index("ix_job_state", "job", ["state", "run_at"])
    op.create_index(
        "ix_job_unfinished",
        "job",
        ["dedupe_key"],
        unique=True,
        postgresql_where=UNFINISHED,
        sqlite_where=UNFINISHED,
    )


def downgrade() -> None:
    for table in ("job", "vote", "spending"):
        op.drop_table(table)
    op.drop_index("ix_report_beside", "report")
    op.drop_column("report", "beside")
