"""What a WSGI server loads: `gunicorn wsgi:app`."""

import gc

from app import create_app

app = create_app()
# What is loaded by now stays; without it the collector has less to look through at every request.
gc.collect()
gc.freeze()
