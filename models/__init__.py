"""Models over frames with named columns: fitted, proven, explained, and kept in one artefact directory."""
