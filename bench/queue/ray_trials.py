"""Trials that do no work and report ten results each: Ray Tune, as many at once as asked for."""
import json
import os
import sys
import tempfile
import time

os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
os.environ.setdefault("RAY_DEDUP_LOGS", "1")

import ray
from ray import tune


def objective(config):
    for step in range(10):
        tune.report({"loss": config["learningRate"] * step})


def main():
    request = json.loads(sys.argv[1])
    ray.init(num_cpus=request["slots"], include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            objective,
            param_space={"learningRate": tune.uniform(1e-6, 1e-3)},
            tune_config=tune.TuneConfig(num_samples=request["trials"], reuse_actors=True),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        )
        print("ready", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        results = tuner.fit()
        seconds = time.perf_counter() - begun
    if results.num_errors > 0:
        raise SystemExit(f"{results.num_errors} trials failed")
    print(json.dumps({"seconds": seconds, "version": ray.__version__}), flush=True)


main()
