"""Relevance propagation the way Zennit organises it, written anew: modules with backward hooks.

Autograd runs through an ordinary model. A hook on each linear module replaces the gradient that autograd
found by relevance: it runs the module again for every term of its rule, with modified input and
modified copies of the parameters, and differentiates those runs. Rules and stabilisers are those of
`lrp_lean`. α2β1 has four terms, because it assumes nothing about the signs of the input.
"""

import torch
import torch.nn.functional as F
from torch import nn

import nets
from lrp_lean import ALPHA, BETA, EPSILON, TINY
from torch_forward import lrn, pool, tensors


def positive(t):
    return t.clamp(min=0)


def negative(t):
    return t.clamp(max=0)


def same(t):
    return t


def stable(z, epsilon=TINY):
    return z + torch.where(z < 0, -epsilon, epsilon)


# A rule: its terms (input, weight and bias modifiers), the gradients sent into the terms' outputs, and
# whether a term's gradient is weighed by its input.
def alpha_beta(received, z):
    up, down = ALPHA * received / stable(z[0] + z[1]), -BETA * received / stable(z[2] + z[3])
    return [up, up, down, down]


def epsilon(received, z):
    return [received / stable(z[0], EPSILON)]


def proportional(received, z):
    return [received / stable(z[0])]


RULES = {
    "alpha2-beta1": (
        [
            (positive, positive, positive),
            (negative, negative, torch.zeros_like),
            (positive, negative, negative),
            (negative, positive, torch.zeros_like),
        ],
        alpha_beta,
        True,
    ),
    "epsilon": ([(same, same, same)], epsilon, True),
    "flat": ([(torch.ones_like, torch.ones_like, torch.zeros_like)], proportional, False),
}


def rule_hook(rule):
    """A full backward hook that turns a linear module's gradient into relevance."""
    terms, senders, weigh = RULES[rule]

    def hook(module, _, received):
        with torch.enable_grad():
            inputs = [change(module.seen).detach().requires_grad_() for change, _, _ in terms]
            outputs = [
                module.linear(x, weight(module.weight), bias(module.bias))
                for x, (_, weight, bias) in zip(inputs, terms)
            ]
        with torch.no_grad():
            sent = senders(received[0], outputs)
        found = torch.autograd.grad(outputs, inputs, sent)
        return (sum(x.detach() * g for x, g in zip(inputs, found)) if weigh else sum(found),)

    return hook


def average_hook(module, _, received):
    with torch.enable_grad():
        x = module.seen.detach().requires_grad_()
        y = pool(module.layer, x)
    (found,) = torch.autograd.grad(y, x, received[0] / stable(y.detach()))
    return (x.detach() * found,)


def pass_hook(module, _, received):
    return received


class Step(nn.Module):
    """One layer of a net as a module."""

    def __init__(self, layer, parameters=None):
        super().__init__()
        self.layer = layer
        if parameters:
            self.weight, self.bias = (nn.Parameter(p, requires_grad=False) for p in parameters)

    def linear(self, x, weight, bias):
        at = self.layer
        if at.kind == "fc":
            return F.linear(x, weight, bias)
        return F.conv2d(x, weight, bias, at.stride, at.pad, 1, at.group)

    def forward(self, x):
        self.seen = x.detach()
        kind = self.layer.kind
        if kind in ("conv", "fc"):
            return self.linear(x, self.weight, self.bias)
        return x.relu() if kind == "relu" else lrn(x) if kind == "lrn" else pool(self.layer, x)


def build(net, dtype=torch.float32):
    """{layer: module with its hook}."""
    weights, modules = tensors(net, dtype), {}
    for layer in net.layers:
        if layer.kind in ("concat", "softmax"):
            continue
        module = modules[layer.name] = Step(layer, weights.get(layer.name))
        if layer.kind == "conv":
            module.register_full_backward_hook(rule_hook("flat" if layer.name in net.flat else "alpha2-beta1"))
        elif layer.kind == "fc":
            module.register_full_backward_hook(rule_hook("epsilon"))
        elif layer.kind == "ave":
            module.register_full_backward_hook(average_hook)
        elif layer.kind in ("relu", "lrn"):
            module.register_full_backward_hook(pass_hook)
    return modules


def explain(net, modules, x):
    """Scores, and the relevance of the predicted class (started with its raw score) at the input."""
    values = {"data": x.clone().requires_grad_()}
    for layer in net.layers[:-1]:
        args = [values[b] for b in layer.bottoms]
        if layer.kind == "concat":
            values[layer.name] = torch.cat(args, 1)
        else:
            x = args[0].flatten(1) if layer.kind == "fc" else args[0]
            values[layer.name] = modules[layer.name](x)
    scores = values[net.layers[-2].name]
    seed = F.one_hot(scores.argmax(1), scores.shape[1]) * scores.detach()
    (relevance,) = torch.autograd.grad(scores, values["data"], seed)
    return scores, relevance


def job(net, count):
    """A function that explains one fixed batch and returns scores and relevance."""
    modules, fixed = build(net), torch.from_numpy(nets.batch(net, count))

    def run(x=fixed):
        scores, relevance = explain(net, modules, x)
        return scores.detach().numpy(), relevance.numpy()

    return run
