"""Relevance propagation written by hand in PyTorch, as lean as is reasonable.

Rules: fully connected ε = 0.1; convolution α = 2, β = 1; flat for the net's first layers; max pooling to
the winner; normalisation passes relevance on. Every activation below a convolution under αβ is ≥ 0, so
z⁺ needs max(W, 0) only and z⁻ min(W, 0) only. Both are one convolution with twice the outputs, whose
two halves add up to the plain output: the forward costs nothing extra. Its input gradient, taken from
ATen directly, is the fastest transposed convolution here. No autograd graph, no hooks.
"""

import torch
import torch.nn.functional as F

import nets
from torch_forward import lrn, pool, tensors

ALPHA, BETA, EPSILON, TINY = 2.0, 1.0, 0.1, 1e-9
aten = torch.ops.aten


class SplitConv:
    """A convolution as its positive and its negative part, laid out N × group × 2 × out/group × H × W."""

    def __init__(self, layer, weight, bias):
        self.layer = layer

        def merge(positive, negative):
            halves = (t.unflatten(0, (layer.group, -1)) for t in (positive, negative))
            return torch.stack(tuple(halves), 1).flatten(0, 2).contiguous()

        up, down = weight.clamp(min=0), weight.clamp(max=0)
        self.weight = merge(up, down)
        # the stabiliser rides in the bias: it only counts where a part is exactly 0
        self.bias = merge(bias.clamp(min=0) + TINY, bias.clamp(max=0) - TINY)
        self.back = merge(ALPHA * up, -BETA * down)

    def forward(self, x):
        at = self.layer
        z = F.conv2d(x, self.weight, self.bias, at.stride, at.pad, 1, at.group)
        parts = z.unflatten(1, (at.group, 2, -1))
        return (parts[:, :, 0] + parts[:, :, 1]).flatten(1, 2), parts

    def relevance(self, received, x, parts):
        at = self.layer
        share = (received.unflatten(1, (at.group, 1, -1)) / parts).flatten(1, 3)
        return input_gradient(share, x, self.back, at).mul_(x)


def input_gradient(share, x, weight, at):
    sides = [[n, n] for n in (at.stride, at.pad, 1, 0)]
    stride, pad, dilation, extra = sides
    only_input = [True, False, False]
    return aten.convolution_backward(share, x, weight, None, stride, pad, dilation, False, extra, at.group, only_input)[0]


class FlatConv:
    """The flat rule: equal over the channels, so one channel is computed and broadcast.

    `cells(layer, x)` says how many cells an output's relevance is shared among.
    """

    def __init__(self, layer, weight, bias, cells):
        self.layer, self.weight, self.bias, self.cells = layer, weight, bias, cells
        self.ones = weight.new_ones(1, 1, layer.kernel, layer.kernel)
        self.count = None

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, self.layer.stride, self.layer.pad), None

    def relevance(self, received, x, _):
        if self.count is None:
            self.count = self.cells(self.layer, x)
        share = received.sum(1, keepdim=True) / self.count
        one = x.new_empty(()).expand(x.shape[0], 1, *x.shape[2:])  # only its shape is read
        return input_gradient(share, one, self.ones, self.layer).expand_as(x)


def cells_in_image(layer, x):
    """Cells of each output's window that lie inside the image, times the channels."""
    window = x.new_ones(1, 1, layer.kernel, layer.kernel)
    return F.conv2d(x.new_ones(1, 1, *x.shape[2:]), window, None, layer.stride, layer.pad) * x.shape[1]


def identity(received, x, y):
    return received


def prepare(net, cells=cells_in_image, dtype=torch.float32):
    """Split, merge and scale the weights once."""
    weights = tensors(net, dtype)
    ready = {}
    for layer in net.layers:
        if layer.kind == "fc":
            ready[layer.name] = weights[layer.name]
        elif layer.kind == "conv" and layer.name in net.flat:
            ready[layer.name] = FlatConv(layer, *weights[layer.name], cells)
        elif layer.kind == "conv":
            ready[layer.name] = SplitConv(layer, *weights[layer.name])
    return ready


def forward(net, ready, x):
    """The scores, and what each layer's relevance needs: (layer, input, extra)."""
    values, tape = {"data": x}, []
    for layer in net.layers:
        args = [values[b] for b in layer.bottoms]
        x, extra = args[0], None
        if layer.kind == "conv":
            y, extra = ready[layer.name].forward(x)
        elif layer.kind == "fc":
            y = F.linear(x.flatten(1), *ready[layer.name])
            extra = y.clone() if layer.relu else y
        elif layer.kind == "relu":
            y = x.relu_()
        elif layer.kind == "max":
            y, extra = F.max_pool2d(x, layer.kernel, layer.stride, layer.pad, ceil_mode=True, return_indices=True)
        elif layer.kind == "ave":
            y = extra = pool(layer, x)
        elif layer.kind == "lrn":
            y = extra = lrn(x)
        elif layer.kind == "concat":
            y, extra = torch.cat(args, 1), [a.shape[1] for a in args]
        else:
            continue  # softmax: relevance starts at the scores
        values[layer.name] = y
        tape.append((layer, x, extra))
    return y, tape


def explain(net, ready, x, lrn_rule=identity):
    """Scores, and the relevance of the predicted class (started with its raw score) at the input."""
    scores, tape = forward(net, ready, x)
    best = scores.argmax(1, keepdim=True)
    relevance = {tape[-1][0].name: torch.zeros_like(scores).scatter_(1, best, scores.gather(1, best))}
    for layer, x, extra in reversed(tape):
        received = relevance.pop(layer.name)
        if layer.kind == "concat":
            passed = received.split(extra, 1)
        else:
            passed = [step(layer, ready, received, x, extra, lrn_rule)]
        for bottom, part in zip(layer.bottoms, passed):
            relevance[bottom] = relevance[bottom] + part if bottom in relevance else part
    return scores, relevance["data"]


def step(layer, ready, received, x, extra, lrn_rule):
    """Relevance at one layer's input."""
    if layer.kind == "conv":
        return ready[layer.name].relevance(received, x, extra)
    if layer.kind == "fc":
        weight, flat = ready[layer.name][0], x.flatten(1)
        share = received / (extra + torch.where(extra < 0, -EPSILON, EPSILON))
        return (share.mm(weight).mul_(flat)).view_as(x)
    if layer.kind == "max":
        square = [[n, n] for n in (layer.kernel, layer.stride, layer.pad, 1)]
        return aten.max_pool2d_with_indices_backward(received.contiguous(), x, *square, True, extra)
    if layer.kind == "ave":  # global: one window
        return x * (received.view_as(extra) / (extra * layer.kernel**2 + TINY))
    if layer.kind == "lrn":
        return lrn_rule(received, x, extra)
    return received  # relu


def job(net, count):
    """A function that explains one fixed batch and returns scores and relevance."""
    ready, fixed = prepare(net), torch.from_numpy(nets.batch(net, count))

    @torch.inference_mode()
    def run(x=fixed):
        scores, relevance = explain(net, ready, x)
        return scores.numpy(), relevance.contiguous().numpy()

    return run
