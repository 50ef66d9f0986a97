"""Kindergartens by the table: many registered or changed at once."""
