"""The server: the Gunicorn worker and what it needs. Only service/gunicorn_conf.py uses it."""
