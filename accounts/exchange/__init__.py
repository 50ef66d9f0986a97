"""Tables in and out of the portal: one kit for every register.

An importable is declared once (declaring.py) and registered (registry.py). From its columns come
the template, the dry run with a report by cell, the marked-up copy, and the export.
"""
