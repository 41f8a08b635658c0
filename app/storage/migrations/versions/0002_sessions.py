"""Sessions, their events, the questions they began with, and when the service was last alive."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DUE = sa.text("due_at IS NOT NULL")
SENT = sa.text("cmd IS NOT NULL")

# An event is added and then stays. It goes with its whole session, which has to say so first:
# UPDATE session SET state = 'deleting'. REPLACE would change a row without an UPDATE or DELETE.
ON_SQLITE = (
    """CREATE TRIGGER event_stays_as_it_is BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END""",
    """CREATE TRIGGER event_is_not_replaced BEFORE INSERT ON event
WHEN EXISTS (
    SELECT 1 FROM event WHERE session = NEW.session AND stream = NEW.stream AND seq = NEW.seq
) OR EXISTS (
    SELECT 1 FROM event WHERE session = NEW.session AND pos = NEW.pos
) OR EXISTS (
    SELECT 1 FROM event WHERE session = NEW.session AND actor = NEW.actor AND cmd = NEW.cmd
    AND part = NEW.part
) BEGIN
    SELECT RAISE(ABORT, 'events are never replaced');
END""",
    """CREATE TRIGGER event_goes_with_its_session BEFORE DELETE ON event
WHEN (SELECT state FROM session WHERE id = OLD.session) IS NOT 'deleting' BEGIN
    SELECT RAISE(ABORT, 'events go with their session only');
END""",
)
ON_POSTGRESQL = (
    """CREATE FUNCTION event_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        IF (SELECT state FROM session WHERE id = OLD.session) = 'deleting' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'events go with their session only';
    END IF;
    RAISE EXCEPTION 'events are never changed';
END $$""",
    """CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON event
FOR EACH ROW EXECUTE FUNCTION event_stays()""",
    """CREATE TRIGGER events_stay BEFORE TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION event_stays()""",
)


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("persona", sa.String(64), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column(
            "question_sha256", sa.String(64), sa.ForeignKey("content.sha256"), nullable=False
        ),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("head_main", sa.Integer(), nullable=False),
        sa.Column("head_staff", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("report_id", sa.String(32), sa.ForeignKey("report.id", ondelete="SET NULL")),
        sa.CheckConstraint(
            "state IN ('draft', 'running', 'paused', 'ended', 'deleting')", "known_state"
        ),
    )
    op.create_index("ix_session_created_at", "session", ["created_at"])
    op.create_index("ix_session_report_id", "session", ["report_id"])
    op.create_index(
        "ix_session_due_at", "session", ["due_at"], postgresql_where=DUE, sqlite_where=DUE
    )
    op.create_table(
        "event",
        sa.Column("session", sa.String(64), sa.ForeignKey("session.id"), primary_key=True),
        sa.Column("stream", sa.String(5), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("pos", sa.Integer(), nullable=False),
        sa.Column("eid", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("v", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("cmd", sa.String(64)),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("stream IN ('main', 'staff')", "known_stream"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_event_pos", "event", ["session", "pos"], unique=True)
    op.create_index(
        "ix_event_cmd",
        "event",
        ["session", "actor", "cmd", "part"],
        unique=True,
        postgresql_where=SENT,
        sqlite_where=SENT,
    )
    op.create_table(
        "service",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
        op.execute(trigger)


def downgrade() -> None:
    for table in ("event", "session", "content", "service"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION event_stays")
