"""The project's state in SQL: snapshots of the lake, score sets and the ledger of looks."""
