"""Sections of the return that are tables of rows and fields: see declaring.py and ADR 26."""
