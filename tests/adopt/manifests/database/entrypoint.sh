#!/bin/sh
set -e
flask db upgrade
exec gunicorn --workers 3 --timeout 90 app:app
