"""Sprites from whatever people have: pictures, sheets, folders, archives, arrays, tables.

Uses pyarrow, but only where a Parquet table is read.
"""

from sprite_lab.formats.importing.plan import (
    ImportCache,
    PlanPart,
    plan_import_iter,
    plan_parts_iter,
)

__all__ = ["ImportCache", "PlanPart", "plan_import_iter", "plan_parts_iter"]
