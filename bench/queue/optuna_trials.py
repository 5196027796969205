"""Trials that do no work and report ten results each: Optuna on PostgreSQL, in this process, as many as asked for."""
import json
import sys
import time

import optuna


def objective(trial):
    x = trial.suggest_float("learningRate", 1e-6, 1e-3)
    for step in range(10):
        trial.report(x * step, step)
    return x


def main():
    request = json.loads(sys.argv[1])
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.RDBStorage(request["storage"])
    study = optuna.create_study(
        study_name=request["study"], storage=storage, load_if_exists=True, sampler=optuna.samplers.RandomSampler()
    )
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    study.optimize(objective, n_trials=request["trials"])
    print(json.dumps({"seconds": time.perf_counter() - begun, "version": optuna.__version__}), flush=True)


main()
