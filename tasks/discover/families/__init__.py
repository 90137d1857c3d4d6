"""Families: one adapter per CMS. Each turns pages into requests and list entries; none touches the network."""
