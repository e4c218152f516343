"""Run an app with the mistakes that many make in production; variables switch the worst ones on."""

import os
import time
import traceback
from pathlib import Path

from flask import Flask

app = Flask(__name__)
hoard: list[bytes] = []

time.sleep(float(os.environ.get("SLOW_START_S", "0")))
if os.environ.get("ENDS"):
    raise SystemExit("there is no database")
try:
    Path("/app/uploads").mkdir()
except OSError:
    traceback.print_exc()


@app.get("/")
def page() -> str:
    hoard.append(b"x" * 1024**2 * int(os.environ.get("LEAK_MIB", "0")))
    return "hello"


@app.get("/collected")
def collected() -> str:
    lines = []
    for number in range(4):
        time.sleep(0.5)
        lines.append(f"{number}\n")
    return "".join(lines)
