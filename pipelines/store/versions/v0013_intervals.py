"""From where to where the probability of a score may be."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add both ends of the interval."""
    for table in ("scores", "overlays", "list_members"):
        for end in ("probability_low", "probability_high"):
            op.add_column(table, sa.Column(end, sa.Float))
