"""The shapes that travel between the rooms: blocks, reports, sites, tables, forms and reason codes.

Nothing here does work, and nothing here imports from `tasks` or `flows`.
"""
