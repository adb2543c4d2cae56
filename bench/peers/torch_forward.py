"""Forward with PyTorch: eager functions under inference mode, ReLU in place."""

import time

import torch
import torch.nn.functional as F

import nets


def lrn_scale(x, size=5, alpha=1e-4):
    """Caffe's 1 + alpha/size · Σ x² over a window of channels.

    As shifted sums: F.local_response_norm's 3-D average pooling is slower.
    """
    channels, half = x.shape[1], size // 2
    squares = F.pad(x * x, (0, 0, 0, 0, half, half))
    total = squares[:, :channels].clone()
    for shift in range(1, size):
        total += squares[:, shift : shift + channels]
    return total.mul_(alpha / size).add_(1)


def lrn(x):
    """x · scale^−0.75, the power taken as two square roots."""
    root = lrn_scale(x).sqrt_()
    return x / (root * root.sqrt())


def pool(layer, x):
    if layer.kind == "max":
        return F.max_pool2d(x, layer.kernel, layer.stride, layer.pad, ceil_mode=True)
    return F.avg_pool2d(x, layer.kernel, layer.stride, layer.pad, ceil_mode=True)


def tensors(net, dtype=torch.float32):
    """{layer: (W, b)} as torch tensors."""
    pairs = nets.weights(net).items()
    return {name: tuple(torch.from_numpy(a).to(dtype) for a in pair) for name, pair in pairs}


def forward(net, weights, x):
    """Probabilities of a batch. Activations are dropped as soon as nothing needs them."""
    last = {bottom: i for i, layer in enumerate(net.layers) for bottom in layer.bottoms}
    values = {"data": x}
    for i, layer in enumerate(net.layers):
        args = [values[b] for b in layer.bottoms]
        for b in layer.bottoms:
            if last[b] == i:
                del values[b]
        if layer.kind == "conv":
            y = F.conv2d(args[0], *weights[layer.name], layer.stride, layer.pad, 1, layer.group)
        elif layer.kind == "fc":
            y = F.linear(args[0].flatten(1), *weights[layer.name])
        elif layer.kind == "relu":
            y = args[0].relu_()
        elif layer.kind == "lrn":
            y = lrn(args[0])
        elif layer.kind == "concat":
            y = torch.cat(args, 1)
        elif layer.kind == "softmax":
            y = F.softmax(args[0], 1)
        else:
            y = pool(layer, args[0])
        values[layer.name] = y
    return values[net.layers[-1].name]


def in_layout(weights, layout):
    return {name: (w.contiguous(memory_format=layout) if w.dim() == 4 else w, b) for name, (w, b) in weights.items()}


def job(net, count):
    """A function that classifies one fixed batch and returns the probabilities.

    Which memory layout is faster depends on net, batch and machine: both are tried, the faster is kept.
    """
    weights, fixed = tensors(net), torch.from_numpy(nets.batch(net, count))
    candidates = []
    for name in ("contiguous_format", "channels_last"):
        layout = getattr(torch, name)
        x, parameters = fixed.contiguous(memory_format=layout), in_layout(weights, layout)

        @torch.inference_mode()
        def run(x=x, parameters=parameters):
            return forward(net, parameters, x).numpy()

        run.note = name
        candidates.append((median_time(run), name, run))
    return min(candidates)[2]


def median_time(run, runs=5):
    """Median seconds of a run, after two to warm up."""
    times = []
    for _ in range(runs + 2):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times[2:])[runs // 2]
