"""Chatwoot: conversations, their messages and activities, and its webhooks."""
