"""Replica sites and the document generator: reports whose every figure is known, served as the real portals do.

`truth` says what a report states, `documents` renders it, `sites` and `server` publish it, `registry` names it.
"""
