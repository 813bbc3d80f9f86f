"""
Serving a model without skmo
============================

A model is trained once and asked many times, often by a process that should load as
little as possible. ``to_lightgbm`` turns skmo's trees into a genuine LightGBM model,
which needs neither skmo nor scikit-learn where it runs. Here such a model answers over
HTTP, as skmo itself would. Where does the time go?

An ONNX graph does the same for other engines: :doc:`../user_guide/exporting`.
"""

# %%
# Train, and save in two ways
# ---------------------------
#
# ``save_model`` keeps all that a fitted estimator knows, for `skmo.load_model`. The
# export keeps what predicts: a text file of LightGBM's, and a list that says how the
# prediction of each target follows from the raw scores.

import json
import tempfile
from pathlib import Path

import numpy as np

import skmo
from skmo.datasets import make_feed

X, Y = make_feed(6_000, random_state=0)
model = skmo.MultiObjectiveEstimator(
    ["binary", "binary", "tweedie"], n_estimators=100, n_jobs=1, random_state=0
).fit(X[:4_000], Y[:4_000])

folder = tempfile.TemporaryDirectory()
files = {
    name: Path(folder.name, name) for name in ("feed.skmo", "feed.txt", "feed.json")
}
model.save_model(files["feed.skmo"])
model.to_lightgbm().save_model(files["feed.txt"])
files["feed.json"].write_text(json.dumps(model.lightgbm_outputs()))
for name, path in files.items():
    print(f"{name:10} {path.stat().st_size / 1000:7.1f} kB")

loaded = skmo.load_model(files["feed.skmo"])
print("loaded model predicts the same:", (loaded.predict(X) == model.predict(X)).all())

# %%
# The server
# ----------
#
# All it needs is LightGBM, NumPy and Python's own library. Rows come in as JSON, with
# ``null`` for what is missing, and predictions go out. A server that faces the world is
# another program, but ``predict`` would be the same.

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import lightgbm as lgb

booster = lgb.Booster(model_file=files["feed.txt"])
outputs = json.loads(files["feed.json"].read_text())
LINKS = {"sigmoid": lambda score: 1 / (1 + np.exp(-score)), "exp": np.exp}


def predict(rows):
    scores = booster.predict(rows, raw_score=True, num_threads=1)
    parts = [LINKS[o["link"]](scores[:, o["columns"][0]]) for o in outputs]
    return np.column_stack(parts)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for many requests
    wbufsize = -1  # an answer leaves as a whole, not header by header

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps(
            predict(np.array(json.loads(text), float)).tolist()
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        """Say nothing."""


# %%
# Ask it
# ------
#
# The port is any that is free. Each way to a prediction gets the same rows, one by one;
# the last sends a hundred at a time. When the block ends the server stops.

from http.client import HTTPConnection
from threading import Thread
from time import perf_counter


def asked(rows):
    connection.request("POST", "/", json.dumps(rows.tolist()))
    return np.array(json.loads(connection.getresponse().read()))


def timed(answer, batches):
    """Answers to all rows, and the milliseconds that each row took."""
    answers, times = [], []
    for rows in batches:
        start = perf_counter()
        answers.append(answer(rows))
        times.append(1000 * (perf_counter() - start) / len(rows))
    return np.concatenate(answers), times


one_by_one = np.split(X[4_000:4_300], 300)
by_hundreds = np.split(X[4_000:], 20)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
thread = Thread(target=server.serve_forever)
thread.start()
connection = HTTPConnection(*server.server_address, timeout=30)
try:
    asked(X[:1])  # the first request also opens the connection
    routes = {
        "skmo, in the process": timed(model.predict, one_by_one),
        "LightGBM, in the process": timed(predict, one_by_one),
        "LightGBM, over HTTP": timed(asked, one_by_one),
        "over HTTP, by hundreds": timed(asked, by_hundreds),
    }
finally:
    connection.close()
    server.shutdown()
    thread.join()
    server.server_close()
    folder.cleanup()

# %%
# The answers are those of the model, whichever way they come:

expected = model.predict(X[4_000:])
for name, (answers, times) in routes.items():
    error = np.abs(answers - expected[: len(answers)]).max()
    print(f"{name:26} {len(times):4} requests, greatest difference {error:.0e}")

# %%
# Where the time goes
# -------------------
#
# Each dot is a request, and each line the median. Times are those of the machine that
# built this page. What is above LightGBM's own time over HTTP is parsing, headers and
# sockets, which a request of many rows shares among them.

import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
colours = ["#0072b2", "#d55e00", "#cc79a7", "#009e73"]
rng = np.random.RandomState(0)
for place, (colour, (_, times)) in enumerate(
    zip(colours, routes.values(), strict=True)
):
    height = place + rng.uniform(-0.25, 0.25, size=len(times))
    axis.plot(times, height, "o", color=colour, ms=5, alpha=0.35, mec="none")
    median = np.median(times)
    axis.plot([median, median], [place - 0.36, place + 0.36], color=colour, lw=3)
    axis.text(
        median, place - 0.4, f"{median:.2g} ms", color=colour, ha="center", va="bottom"
    )
axis.set_yticks(range(len(routes)), routes)
axis.set(xscale="log", xlabel="milliseconds for each row", ylim=(3.5, -0.75))
axis.spines[["top", "right", "left"]].set_visible(False)
axis.tick_params(axis="y", length=0)
axis.grid(axis="x", color="0.92")
axis.set_axisbelow(True)
axis.set_title("What a prediction costs, by the way it takes", fontweight="bold")
plt.show()
