"""Sources: files and PostgreSQL tables, read out of core, mapped to Tenure's columns and checked row by row."""
