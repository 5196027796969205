"""Train or evaluate a model with PyTorch in the way that is fastest here.

torch_train.py calibrate '<task>'             prints which memory layout and optimiser implementation is fastest
torch_train.py eager|compile '<task>' '<way>' trains that way and answers the lines of protocol.ts
"""

import contextlib
import json
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch_models import build, optimizer_of

BATCHES = 4
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def images(batch, shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(batch)).sub_(0.5).mul_(math.sqrt(12))


class Trainer:
    """One model, its optimiser and its batches in one way: a memory layout and an optimiser implementation."""

    def __init__(self, task, way, compiled):
        torch.manual_seed(0)
        layout = LAYOUTS[way["layout"]]
        self.bf16 = task["precision"] == "bf16"
        self.evaluates = task["evaluate"]
        config, size = task["model"], task["batchSize"]
        self.model = build(config).to(memory_format=layout)
        self.model.train(not self.evaluates)
        self.optimizer = optimizer_of(self.model, task["optimizer"], **{way["optimizer"]: True})
        shape = (size, 3, config["imageSize"], config["imageSize"])
        self.images = [images(b, shape).contiguous(memory_format=layout) for b in range(BATCHES)]
        self.labels = [(torch.arange(size) + b) % config["classes"] for b in range(BATCHES)]
        self.loss = torch.compile(self.forward) if compiled else self.forward

    def forward(self, x, y):
        return F.cross_entropy(self.model(x), y)

    @torch.inference_mode()
    def evaluate(self, batch):
        x, y = self.images[batch % BATCHES], self.labels[batch % BATCHES]
        with torch.autocast("cpu", torch.bfloat16) if self.bf16 else contextlib.nullcontext():
            return self.loss(x, y).item()

    def step(self, batch):
        if self.evaluates:
            return self.evaluate(batch)
        x, y = self.images[batch % BATCHES], self.labels[batch % BATCHES]
        with torch.autocast("cpu", torch.bfloat16) if self.bf16 else contextlib.nullcontext():
            loss = self.loss(x, y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()


def fastest_step(trainer, steps=4):
    trainer.step(0)
    seconds = []
    for batch in range(steps):
        start = time.perf_counter()
        trainer.step(batch)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def calibrate(task):
    """The faster of both memory layouts (convolutions only) and of PyTorch's two fast optimiser implementations."""
    layouts = LAYOUTS if task["model"]["family"] == "resnet" else ["contiguous"]
    ways = [{"layout": layout, "optimizer": how} for layout in layouts for how in ("foreach", "fused")]
    return min(ways, key=lambda way: fastest_step(Trainer(task, way, compiled=False)))


def send(**answer):
    print(json.dumps(answer), flush=True)


def main():
    mode, task = sys.argv[1], json.loads(sys.argv[2])
    torch.set_num_threads(task["threads"])
    if mode == "calibrate":
        print(json.dumps(calibrate(task)))
        return
    way = json.loads(sys.argv[3])
    start = time.perf_counter()
    trainer = Trainer(task, way, compiled=mode == "compile")
    done = 0

    def step():
        nonlocal done
        done += 1
        return trainer.step(done - 1)

    step()
    send(
        event="ready",
        compileSeconds=time.perf_counter() - start,
        versions={"torch": torch.__version__},
        notes=[f"{way['layout']}, {way['optimizer']} optimiser"],
    )
    for line in sys.stdin:
        steps = json.loads(line)["steps"]
        step()  # caches are cold after the others had the machine: not measured
        start = time.perf_counter()
        for _ in range(steps):
            loss = step()
        send(event="stepped", steps=steps, seconds=time.perf_counter() - start, loss=loss)


main()
