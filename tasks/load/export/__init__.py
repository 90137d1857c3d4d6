"""Exports for analysts: Parquet, CSV, XLSX and DuckDB files of the views, the same bytes for the same content."""

from tasks.load.export.run import Export, ExportOptions, Format, export

__all__ = ["Export", "ExportOptions", "Format", "export"]
