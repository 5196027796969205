"""Optuna chooses, Ablate trains: the ask-and-tell interface of Optuna 5 drives a sweep.

    python docs/how-to/drive_with_optuna.py http://127.0.0.1:3000 10
"""

import json
import sys
import time
import urllib.request

import optuna

address, trials = sys.argv[1] + "/api/v1", int(sys.argv[2])

SPEC = {
    "version": 1,
    "name": "driven by Optuna",
    "search": {"method": "ask"},
    "dataset": {"name": "shapes10", "samples": 320},
    "model": {"family": "vit", "patchSize": 8, "width": 24, "depth": 1, "mlpRatio": 2},
    "train": {"epochs": 2, "batchSize": 32},
    "seeds": [1],
    "space": {
        "train.optimizer.learningRate": {"min": 0.0003, "max": 0.03, "scale": "log"},
        "model.heads": [1, 2, 3],
    },
}


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def suggest(trial):
    """The same space, in Optuna's words."""
    return {
        "train.optimizer.learningRate": trial.suggest_float("learning rate", 0.0003, 0.03, log=True),
        "model.heads": trial.suggest_categorical("heads", [1, 2, 3]),
    }


sweep = call("/sweeps", SPEC)["id"]
study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
for _ in range(trials):
    chosen = study.ask()
    trial = call(f"/sweeps/{sweep}/ask", {"axes": suggest(chosen)})
    while trial["state"] == "waiting":
        time.sleep(0.5)
        trial = call(f"/sweeps/{sweep}/trials/{trial['trial']}")
    if trial["state"] == "failed":
        study.tell(chosen, state=optuna.trial.TrialState.FAIL)
    else:
        study.tell(chosen, trial["value"])
call(f"/sweeps/{sweep}/tell", {"finish": True})
print(json.dumps({"sweep": sweep, "best": study.best_value, "trials": len(study.trials)}))
