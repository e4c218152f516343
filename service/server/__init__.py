"""Serve with a Gunicorn worker fit for production; only service/gunicorn_conf.py uses this package."""
