"""The inspector of Draw and the page of variations."""
