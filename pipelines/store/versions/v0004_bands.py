"""The list of one band is read as fast as the whole."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the numbers of units by band, and an index of each band by rank."""
    op.add_column("score_sets", sa.Column("bands", sa.JSON))
    op.create_index("scores_by_band", "scores", ["score_set_id", "band", "rank"])
