"""Zendesk: its incremental export, webhooks, and the tables that Fivetran writes of it."""
