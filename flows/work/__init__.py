"""The work of a harvest as plain functions, step by step: look, gather, understand, store, settle. No Prefect here."""
