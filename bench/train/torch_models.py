"""The measured models as a PyTorch user would write them; parameters have the names of timm (ViT) and torchvision (ResNet)."""

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        b, n, d = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, d))


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads, hidden, bias, epsilon, parallel=False):
        super().__init__()
        self.parallel = parallel
        self.norm1 = nn.LayerNorm(width, eps=epsilon)
        self.attn = Attention(width, heads, bias)
        self.norm2 = nn.LayerNorm(width, eps=epsilon)
        self.mlp = Mlp(width, hidden)

    def forward(self, x):
        if self.parallel:
            return x + self.attn(self.norm1(x)) + self.mlp(self.norm2(x))
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, patch, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, patch)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Vit(nn.Module):
    """Pre-norm or parallel ViT with a class token and learned positions (Dosovitskiy et al., 2021)."""

    def __init__(self, config):
        super().__init__()
        width, epsilon = config["width"], config["layerNormEpsilon"]
        tokens = (config["imageSize"] // config["patchSize"]) ** 2 + 1
        self.patch_embed = PatchEmbed(config["patchSize"], width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, tokens, width))
        hidden = int(width * config["mlpRatio"])
        block = (width, config["heads"], hidden, config["qkvBias"], epsilon, config["ordering"] == "parallel")
        self.blocks = nn.Sequential(*(Block(*block) for _ in range(config["depth"])))
        self.norm = nn.LayerNorm(width, eps=epsilon)
        self.head = nn.Linear(width, config["classes"])
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        nn.init.normal_(self.cls_token, std=1e-6)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra, self.downsample = stride, 0, None
        if stride != 1 or inputs != outputs:
            if shortcut == "projection":
                conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
                self.downsample = nn.Sequential(conv, nn.BatchNorm2d(outputs))
            else:
                self.extra = outputs - inputs

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.extra:
            before = self.extra // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, before, self.extra - before))
        return F.relu(y + x, inplace=True)


class Resnet(nn.Module):
    """ResNet of basic blocks with the 3×3 stem for CIFAR (He et al., 2016)."""

    def __init__(self, config):
        super().__init__()
        widths, depths = config["widths"], config["depths"]
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs = widths[0]
        self.stages = len(widths)
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            blocks = []
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(BasicBlock(inputs, width, stride, config["shortcut"]))
                inputs = width
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(inputs, config["classes"])
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


def build(config):
    """The model of a config as packages/contracts writes it; only what the bench measures is known."""
    if config["family"] == "vit":
        plain = ("softmax", "learned1d", "cls")
        if tuple(config[key] for key in ("attention", "positional", "pool")) != plain:
            raise ValueError("only a plain ViT is measured")
        if config["ordering"] not in ("preNorm", "parallel"):
            raise ValueError("only pre-norm and parallel blocks are measured")
        return Vit(config)
    if config["family"] != "resnet" or (config["block"], config["stem"], config["ordering"]) != ("basic", "cifar", "v1"):
        raise ValueError("only ResNets of basic blocks with the CIFAR stem are measured")
    return Resnet(config)


def decay_groups(model, decay):
    """Weight decay on tensors of two or more dimensions only."""
    tensors = list(model.parameters())
    return [
        {"params": [p for p in tensors if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in tensors if p.ndim <= 1], "weight_decay": 0.0},
    ]


def optimizer_of(model, config, **options):
    """The optimiser of a config as packages/contracts writes it."""
    groups = decay_groups(model, config["weightDecay"])
    if config["name"] == "sgd":
        rules = {"momentum": config["momentum"], "nesterov": config["nesterov"]}
        return torch.optim.SGD(groups, lr=config["learningRate"], **rules, **options)
    rules = {"betas": (config["beta1"], config["beta2"]), "eps": config["epsilon"]}
    return torch.optim.AdamW(groups, lr=config["learningRate"], **rules, **options)
