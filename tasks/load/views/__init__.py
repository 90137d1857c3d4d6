"""The views that analysts get: current figures in their words, wide and tidy, with labels, units and provenance.

Each is a SQLAlchemy select, so that the view in the database and an export of it are the same by construction.
"""

from tasks.load.views.build import create_views, drop_views, views_hold
from tasks.load.views.catalogue import View, ViewColumn, view_named, views

__all__ = ["View", "ViewColumn", "create_views", "drop_views", "view_named", "views", "views_hold"]
