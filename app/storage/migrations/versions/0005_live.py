"""People with role tokens, links into live sessions, who came by them, and which process had them connected."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(32), primary_key=True),
        _session(),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_ticket_session", "ticket", ["session"])
    op.create_table(
        "participant",
        sa.Column("id", sa.String(32), primary_key=True),
        _session(),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("person_id", sa.String(32)),
        sa.Column("ticket_id", sa.String(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_participant_session", "participant", ["session"])
    op.create_index("ix_participant_ticket_id", "participant", ["ticket_id"])
    op.create_table(
        "presence",
        _session(primary_key=True),
        sa.Column("node", sa.String(32), primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )


def _session(*, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(
        "session",
        sa.String(64),
        sa.ForeignKey("session.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def downgrade() -> None:
    for table in ("presence", "participant", "ticket", "person"):
        op.drop_table(table)
