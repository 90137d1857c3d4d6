"""Machines: replica sites, migrations, container files."""
