"""Importers: the export of a support tool becomes dated interactions, profiles and identities."""
