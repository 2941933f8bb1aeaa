"""A study's data as files for the team: tables by role, with a codebook, in one archive.

Rule: a member downloads what their role may read and nothing else. Previews are in no file, whoever has withdrawn is a
line without words, and whoever was left out of results is there and marked. It is no publication: a published file
holds only what was granted for it.
"""

from elicit.exports.archive import tables_for, write_archive
from elicit.exports.registry import Column, Table, register_table

__all__ = ["Column", "Table", "register_table", "tables_for", "write_archive"]
