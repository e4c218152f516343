"""Make the closed schemas of other clouds from the vendors' own files."""
