"""The same work as the eager peers, compiled by `torch.compile` (Inductor writes and compiles C++ for it).

For inference constants are frozen, which lets PyTorch pack weights once. Both memory layouts are tried for forward and
training, and the faster one is kept and named, as for the eager peers. Compiling takes a minute a candidate, before
anything is timed.
"""

import os
import shutil

import torch

import lrp_lean
import nets
import torch_forward
import torch_training


def ready():
    """Say what is missing before minutes are spent."""
    if not hasattr(torch, "compile"):
        raise ValueError(f"torch.compile needs PyTorch 2, this is {torch.__version__}")
    compiler = os.environ.get("CXX", "g++")
    if shutil.which(compiler) is None:
        raise ValueError(f"torch.compile needs a C++ compiler, and {compiler!r} is not installed")


def frozen():
    from torch._inductor import config

    config.freezing = True


def forward(net, count):
    """A function that classifies one fixed batch and returns the probabilities."""
    ready()
    frozen()
    weights, fixed = torch_forward.tensors(net), torch.from_numpy(nets.batch(net, count))
    candidates = []
    for name in ("contiguous_format", "channels_last"):
        layout = getattr(torch, name)
        x, parameters = fixed.contiguous(memory_format=layout), torch_forward.in_layout(weights, layout)
        compiled = torch.compile(Network(net, parameters), dynamic=False)

        def run(x=x, compiled=compiled):
            with torch.no_grad():
                return compiled(x).numpy()

        run.note = name
        candidates.append((torch_forward.median_time(run), name, run))
    return min(candidates)[2]


class Network(torch.nn.Module):
    """A module, since constants are frozen only where they are parameters or buffers of one."""

    def __init__(self, net, weights):
        super().__init__()
        self.net, self.names = net, {}
        for i, (name, pair) in enumerate(weights.items()):
            self.names[name] = (f"w{i}", f"b{i}")
            for key, value in zip(self.names[name], pair):
                self.register_buffer(key, value)

    def forward(self, x):
        weights = {name: tuple(getattr(self, key) for key in keys) for name, keys in self.names.items()}
        return torch_forward.forward(self.net, weights, x)


def lean(net, count):
    """A function that explains one fixed batch by the lean implementation and returns scores and relevance."""
    ready()
    parts, fixed = lrp_lean.prepare(net), torch.from_numpy(nets.batch(net, count))
    # The flat rule counts its cells once, before the graph is compiled.
    with torch.no_grad():
        lrp_lean.explain(net, parts, fixed)
    compiled = torch.compile(lambda x: lrp_lean.explain(net, parts, x), dynamic=False)

    def run(x=fixed):
        with torch.no_grad():
            scores, relevance = compiled(x)
        return scores.numpy(), relevance.contiguous().numpy()

    return run


def training(net, count):
    """A function that takes one step, and returns what the first one found."""
    ready()
    fixed, labels = torch.from_numpy(nets.batch(net, count)), torch.from_numpy(nets.labels(count))
    candidates = []
    for name in ("contiguous_format", "channels_last"):
        layout = getattr(torch, name)
        x = fixed.contiguous(memory_format=layout)
        losses = torch.compile(torch_training.losses, dynamic=False)
        run = torch_training.training(net, x, labels, layout, torch_training.LRNS["convolution"], losses)
        candidates.append((torch_forward.median_time(run, 2), name, run))
        candidates = [min(candidates, key=lambda each: each[0])]
    run = candidates[0][2]
    run.note = f"{candidates[0][1]}, LRN by convolution"
    return run
