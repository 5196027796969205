"""The runs of a sweep with PyTorch: train, evaluate after each epoch, keep the best, test it once.

torch_sweep.py script|compile|optuna|ray '<request>'   prints JSON: the test accuracy of each run

Images wait in memory and are augmented as tensors. A request has: folder, runs, epochs, batchSize, trainImages, threads, processes.
"""

import contextlib
import copy
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "train")
sys.path.insert(0, MODELS)
from torch_models import build, optimizer_of  # noqa: E402

EVALUATION_BATCH = 256


class Images:
    """One set of images in memory: bytes (N, 3, H, W), normalised when they are used."""

    def __init__(self, folder, name, layout):
        facts = json.load(open(os.path.join(folder, "facts.json")))
        size = facts["imageSize"]
        pixels = np.fromfile(os.path.join(folder, f"{name}.images"), np.uint8).reshape(-1, size, size, 3)
        self.pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(memory_format=layout)
        self.labels = torch.from_numpy(np.fromfile(os.path.join(folder, f"{name}.labels"), np.int32)).long()
        self.mean = torch.tensor(facts["mean"]).view(1, 3, 1, 1) * 255
        self.scale = 1 / (torch.tensor(facts["std"]).view(1, 3, 1, 1) * 255)

    def __len__(self):
        return len(self.labels)

    def batch(self, at):
        return (self.pixels[at].float() - self.mean) * self.scale, self.labels[at]


def flip(x, generator):
    """Each image is mirrored with probability a half."""
    mirrored = torch.rand(len(x), generator=generator) < 0.5
    return torch.where(mirrored.view(-1, 1, 1, 1), x.flip(-1), x)


def learning_rate(step, base, steps, warmup):
    """Linear warm-up, then a cosine to 0."""
    if step < warmup:
        return base * (step + 1) / warmup
    return base * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


@torch.inference_mode()
def accuracy(model, images, most=None):
    """Of the first `most` images, or of all."""
    model.eval()
    count = min(len(images), most or len(images))
    right = 0
    for start in range(0, count, EVALUATION_BATCH):
        x, y = images.batch(slice(start, min(count, start + EVALUATION_BATCH)))
        right += (model(x).argmax(1) == y).sum().item()
    return right / count


def train(run, request, compiled):
    torch.manual_seed(run["seed"])
    config = run["model"]
    layout = torch.channels_last if config["family"] == "resnet" else torch.contiguous_format
    sets = {name: Images(request["folder"], name, layout) for name in ("train", "validation", "test")}
    plain = build(config).to(memory_format=layout)
    model = torch.compile(plain) if compiled else plain
    optimizer = optimizer_of(plain, run["optimizer"], fused=True)
    generator = torch.Generator().manual_seed(run["seed"])
    size, epochs = request["batchSize"], request["epochs"]
    per_epoch = len(sets["train"]) // size
    best, kept = -1.0, None
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(sets["train"]), generator=generator)
        for number in range(per_epoch):
            x, y = sets["train"].batch(order[number * size : (number + 1) * size])
            x = flip(x, generator)
            rate = learning_rate(
                epoch * per_epoch + number,
                run["optimizer"]["learningRate"],
                epochs * per_epoch,
                run["warmupEpochs"] * per_epoch,
            )
            for group in optimizer.param_groups:
                group["lr"] = rate
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        accuracy(model, sets["train"], request["trainImages"])
        found = accuracy(model, sets["validation"])
        if found > best:
            best, kept = found, copy.deepcopy(plain.state_dict())
            torch.save(kept, os.path.join(request["folder"], f"best-{os.getpid()}.pt"))
    plain.load_state_dict(kept)
    return accuracy(model, sets["test"])


def script(request, compiled):
    torch.set_num_threads(request["threads"])
    results = []
    for run in request["runs"]:
        begun = time.perf_counter()
        results.append(train(run, request, compiled))
        print(f"{run['name']}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
    return results


def optuna_worker(request, storage):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    torch.set_num_threads(request["threads"])
    study = optuna.load_study(study_name="sweep", storage=open_storage(storage))
    while True:
        trial = study.ask()
        if trial.number >= len(request["runs"]):  # all that were enqueued are taken
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            return
        number = trial.suggest_categorical("run", list(range(len(request["runs"]))))
        study.tell(trial, train(request["runs"][number], request, compiled=False))


def open_storage(path):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(path))


def with_optuna(request):
    """A grid whose points are enqueued, and processes that take them: no point is trained twice."""
    import multiprocessing

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = os.path.join(request["folder"], f"optuna-{os.getpid()}.log")
    study = optuna.create_study(study_name="sweep", storage=open_storage(path), direction="maximize")
    for number in range(len(request["runs"])):
        study.enqueue_trial({"run": number})
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=optuna_worker, args=(request, path)) for _ in range(request["processes"])]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = {trial.params["run"]: trial.value for trial in study.trials if trial.value is not None}
    return [found[number] for number in range(len(request["runs"]))]


def with_ray(request):
    import ray
    from ray import tune

    threads = request["threads"]

    def objective(config):
        torch.set_num_threads(threads)
        tune.report({"accuracy": train(request["runs"][config["run"]], request, compiled=False)})

    cpus = threads * request["processes"]
    ray.init(num_cpus=cpus, include_dashboard=False, log_to_driver=False, _temp_dir=os.path.join(request["folder"], "ray"), runtime_env={"env_vars": {"PYTHONPATH": MODELS}})
    with contextlib.redirect_stdout(sys.stderr):
        results = tune.Tuner(
            tune.with_resources(objective, {"cpu": threads}),
            param_space={"run": tune.grid_search(list(range(len(request["runs"]))))},
            run_config=tune.RunConfig(storage_path=os.path.join(request["folder"], "tune"), verbose=0),
        ).fit()
    if results.errors:
        raise results.errors[0]
    found = {result.config["run"]: result.metrics["accuracy"] for result in results}
    ray.shutdown()
    return [found[number] for number in range(len(request["runs"]))]


def main():
    mode, request = sys.argv[1], json.loads(sys.argv[2])
    ways = {
        "script": lambda: script(request, compiled=False),
        "compile": lambda: script(request, compiled=True),
        "optuna": lambda: with_optuna(request),
        "ray": lambda: with_ray(request),
    }
    print(json.dumps({"accuracies": ways[mode](), "torch": torch.__version__}), flush=True)


if __name__ == "__main__":
    main()
