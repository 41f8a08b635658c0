"""Rubrics by hash, transcripts and reports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rubric",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "transcript",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index("ix_transcript_created_at", "transcript", ["created_at"])
    op.create_table(
        "report",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transcript_id", sa.String(32), sa.ForeignKey("transcript.id"), nullable=False),
        sa.Column("rubric_sha256", sa.String(64), sa.ForeignKey("rubric.sha256"), nullable=False),
        sa.Column("replaces", sa.String(32)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("question", sa.Text()),
        sa.Column("scorable", sa.Boolean(), nullable=False),
        sa.Column("overall", sa.Float()),
        sa.Column("decision", sa.String(20)),
        sa.Column("seniority", sa.String(20)),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_index("ix_report_created_at", "report", ["created_at"])
    op.create_index("ix_report_transcript_id", "report", ["transcript_id"])


def downgrade() -> None:
    op.drop_table("report")
    op.drop_table("transcript")
    op.drop_table("rubric")
