"""Sprites from whatever people have: pictures, sheets, folders, archives, arrays, tables.

It may import what `sprite_lab.formats` may; pyarrow only where a Parquet table is read. Runs on any
thread but the UI's: reading waits on disks, and finding grids takes a moment.
"""

from sprite_lab.formats.importing.plan import (
    ImportCache,
    PlanPart,
    plan_import_iter,
    plan_parts_iter,
)

__all__ = ["ImportCache", "PlanPart", "plan_import_iter", "plan_parts_iter"]
