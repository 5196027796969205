"""The same questions to MLflow's server on PostgreSQL: 2,000 runs, ten of them with two metrics of 5,000 steps. Prints JSON."""
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import mlflow


def main():
    asked = json.loads(sys.argv[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
        stores = ["--backend-store-uri", asked["storage"], "--artifacts-destination", folder]
        server = subprocess.Popen(
            [sys.executable, *command, *stores],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            start_new_session=True,
        )
        try:
            wait(base, server)
            print(json.dumps(measure(base, asked)), flush=True)
        finally:
            os.killpg(server.pid, 15)
            server.wait()


def wait(base, server):
    deadline = time.monotonic() + 180
    while True:
        if server.poll() is not None:
            raise SystemExit("the server of MLflow ended at its start")
        try:
            urllib.request.urlopen(f"{base}/health", timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise SystemExit("the server of MLflow did not answer within three minutes") from None
            time.sleep(0.3)


def ask(base, path, body=None, api="api"):
    request = urllib.request.Request(
        f"{base}/{api}/2.0/mlflow/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    return urllib.request.urlopen(request, timeout=120).read()


def measure(base, asked):
    experiment = json.loads(ask(base, "experiments/create", {"name": "bench"}))["experiment_id"]
    ids = [fill(base, experiment, i, asked["runs"]) for i in range(asked["runs"])]
    for run in ids[:10]:
        for name in ["val/accuracy", "train/loss"]:
            for first in range(0, 5000, 1000):
                points = [{"key": name, "value": step / 5000, "timestamp": step, "step": step} for step in range(first, first + 1000)]
                ask(base, "runs/log-batch", {"run_id": run, "metrics": points})
    search = {"experiment_ids": [experiment], "order_by": ["metrics.test_accuracy DESC"]}
    chosen = "&".join(f"run_ids={run}" for run in ids[:10])
    interval = f"metrics/get-history-bulk-interval?{chosen}&metric_key=val/accuracy&max_results=320"
    questions = {
        "list": lambda: ask(base, "experiments/search", {"max_results": 100}),
        "runs": lambda: ask(base, "runs/search", {**search, "filter": "metrics.test_accuracy > 0.5", "max_results": 100}),
        "table": lambda: ask(base, "runs/search", {**search, "max_results": 1000}),
        "curves": lambda: ask(base, interval, api="ajax-api"),
    }
    measured = []
    for name, question in questions.items():
        body = question()
        times = []
        for _ in range(asked["repeats"]):
            begun = time.perf_counter()
            body = question()
            times.append((time.perf_counter() - begun) * 1000)
        times.sort()
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
        measured.append({"name": name, "median": statistics.median(times), "p95": p95, "bytes": len(body)})
        print(f"MLflow {name}: {statistics.median(times):.1f} ms", file=sys.stderr, flush=True)
    return {"version": mlflow.__version__, "runs": asked["runs"], "measured": measured}


def fill(base, experiment, i, runs):
    run = json.loads(ask(base, "runs/create", {"experiment_id": experiment, "start_time": i}))["run"]["info"]["run_id"]
    names = ["learningRate", "weightDecay", "labelSmoothing", "clipNorm", "seed"]
    params = [{"key": name, "value": str(i % (3 + at))} for at, name in enumerate(names)]
    metrics = [{"key": name, "value": i / runs, "timestamp": 1, "step": 0} for name in ["test_accuracy", "val_accuracy"]]
    ask(base, "runs/log-batch", {"run_id": run, "params": params, "metrics": metrics})
    ask(base, "runs/update", {"run_id": run, "status": "FINISHED", "end_time": i + 60000})
    if i % 500 == 499:
        print(f"MLflow: {i + 1} runs written", file=sys.stderr, flush=True)
    return run


main()
