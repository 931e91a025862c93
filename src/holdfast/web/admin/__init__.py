"""The operator's admin: Django's own pages, reading the models and writing by commands alone (SPEC L4)."""
