"""One training step with PyTorch: forward, softmax loss, backward, and SGD with momentum and weight decay.

Dropout is left out of all programs: its random numbers differ, and its time is too little to see.
"""

import numpy
import torch
import torch.nn.functional as F

import nets
from torch_forward import in_layout, lrn, median_time, pool, tensors

RATE, MOMENTUM, DECAY = 1e-5, 0.9, 0.0005


def lrn_pool(x, size=5, alpha=1e-4):
    """LRN with the sum over channels as 3-D average pooling, as in F.local_response_norm, but with square roots."""
    squares = (x * x).unsqueeze(1)
    padded = F.pad(squares, (0, 0, 0, 0, size // 2, size // 2))
    root = (F.avg_pool3d(padded, (size, 1, 1), 1).squeeze(1) * alpha + 1).sqrt()
    return x / (root * root.sqrt())


def lrn_conv(x, size=5, alpha=1e-4):
    """LRN with the sum over channels as a 1×1 convolution with a banded matrix."""
    count = x.shape[1]
    index = torch.arange(count)
    band = ((index[:, None] - index[None, :]).abs() <= size // 2).float() * (alpha / size)
    root = F.conv2d(x * x, band[:, :, None, None], torch.ones(count)).sqrt()
    return x / (root * root.sqrt())


LRNS = {"shifted sums": lrn, "average_pool3d": lrn_pool, "convolution": lrn_conv}


def losses(net, weights, x, labels, normalise):
    """Σ weight · softmax loss over the net's heads."""
    values = {"data": x}
    total = 0
    for layer in net.layers:
        args = [values[b] for b in layer.bottoms]
        if layer.kind == "conv":
            y = F.conv2d(args[0], *weights[layer.name], layer.stride, layer.pad, 1, layer.group)
        elif layer.kind == "fc":
            y = F.linear(args[0].flatten(1), *weights[layer.name])
        elif layer.kind == "relu":
            y = args[0].relu_()
        elif layer.kind == "lrn":
            y = normalise(args[0])
        elif layer.kind == "concat":
            y = torch.cat(args, 1)
        elif layer.kind == "softmax":
            y = F.cross_entropy(args[0], labels)
            total = total + nets.LOSS_WEIGHTS.get(layer.name, 1) * y
        else:
            y = pool(layer, args[0])
        values[layer.name] = y
    return total


def job(net, count):
    """A function that takes one step, and returns what the first one found.

    The fastest of the LRN formulations and memory layouts is kept.
    """
    fixed, labels = torch.from_numpy(nets.batch(net, count)), torch.from_numpy(nets.labels(count))
    candidates = []
    for name in ("contiguous_format", "channels_last"):
        for how, normalise in LRNS.items():
            layout = getattr(torch, name)
            run = training(net, fixed.contiguous(memory_format=layout), labels, layout, normalise)
            candidates.append((median_time(run, 2), f"{name}, LRN by {how}", run))
            # What only lost candidates hold shall not count as memory that training needs.
            candidates = [min(candidates, key=lambda each: each[0])]
    run = candidates[0][2]
    run.note = candidates[0][1]
    return run


def training(net, x, labels, layout, normalise, losses=losses):
    parameters = in_layout(tensors(net), layout)
    leaves = [leaf.requires_grad_() for pair in parameters.values() for leaf in pair]
    optimiser = torch.optim.SGD(leaves, lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    first = []

    def run():
        optimiser.zero_grad(set_to_none=True)
        loss = losses(net, parameters, x, labels, normalise)
        loss.backward()
        optimiser.step()
        if not first:
            velocity = optimiser.state[leaves[0]]["momentum_buffer"]
            first.append(found(loss.item(), velocity.contiguous().numpy() * RATE))
        return first[0]

    return run


def found(loss, velocity):
    """The loss, and size (its logarithm) and direction of the first layer's move, in numbers of about one size."""
    norm = numpy.linalg.norm(velocity)
    return numpy.concatenate([[loss, numpy.log(norm)], velocity.ravel() / norm]).astype(numpy.float32)
