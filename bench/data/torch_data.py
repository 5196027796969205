"""Make batches with torchvision v2 and a DataLoader, and answer the lines of protocol.ts.

torch_data.py calibrate '<task>'   prints which image backend is faster: PIL or tensors
torch_data.py run '<task>' <backend>
"""

import io
import json
import os
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def transform_of(work, backend):
    change = {
        "basic": [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()],
        "randaugment": [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(), v2.RandAugment()],
    }.get(work, [v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip()])
    to_image = [v2.ToImage()] if backend == "pil" else []
    return v2.Compose([*change, *to_image, v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])


class Images(Dataset):
    """The same images as ours: in memory, as arrays (torchvision's CIFAR10) or as the bytes of JPEG files."""

    def __init__(self, task, backend):
        self.jpeg, self.backend = os.path.isdir(task["images"]), backend
        self.transform = transform_of(task["work"], backend)
        if self.jpeg:
            folder = task["images"]
            self.images = [open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))]
        else:
            self.images = np.fromfile(task["images"], np.uint8).reshape(-1, 32, 32, 3)
            if backend == "tensor":
                self.images = torch.from_numpy(self.images).permute(0, 3, 1, 2).contiguous()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        if self.jpeg and self.backend == "pil":
            image = Image.open(io.BytesIO(image)).convert("RGB")
        elif self.jpeg:
            data = torch.frombuffer(bytearray(image), dtype=torch.uint8)
            image = torchvision.io.decode_jpeg(data, mode=torchvision.io.ImageReadMode.RGB)
        elif self.backend == "pil":
            image = Image.fromarray(image)
        return self.transform(image), index % 10


def seconds_for(task, backend, count=256):
    images = Images(task, backend)
    images[0]
    start = time.perf_counter()
    for index in range(count):
        images[index % len(images)]
    return time.perf_counter() - start


def batches(task, backend):
    loader = DataLoader(
        Images(task, backend),
        batch_size=task["batchSize"],
        shuffle=True,
        drop_last=True,
        num_workers=task["threads"],
        persistent_workers=True,
    )
    while True:
        yield from loader


def send(**answer):
    print(json.dumps(answer), flush=True)


def main():
    mode, task = sys.argv[1], json.loads(sys.argv[2])
    torch.set_num_threads(1)
    if mode == "calibrate":
        print(json.dumps(min(["pil", "tensor"], key=lambda backend: seconds_for(task, backend))))
        return
    backend = sys.argv[3]
    start = time.perf_counter()
    source = batches(task, backend)

    def step():
        return next(source)[0][0, 0, 0, 0].item()

    step()
    send(
        event="ready",
        compileSeconds=time.perf_counter() - start,
        versions={"torch": torch.__version__, "torchvision": torchvision.__version__},
        notes=[f"images as {'PIL images' if backend == 'pil' else 'tensors'}"],
    )
    for line in sys.stdin:
        steps = json.loads(line)["steps"]
        step()
        start = time.perf_counter()
        for _ in range(steps):
            loss = step()
        send(event="stepped", steps=steps, seconds=time.perf_counter() - start, loss=loss)


main()
