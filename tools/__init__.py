"""Run the commands behind the Makefile."""
