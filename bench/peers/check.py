"""Check the peers: do they compute the same thing, and the right one?

The two explanations must agree with each other on every net. Where the reference outputs of the original
Caffe extension are at hand, GoogLeNet's forward and the lean explanation must agree with those too.
"""

import sys

import environment

environment.prepare(threads=2)

import numpy as np
import torch

import lrp_lean
import lrp_zennit
import nets
import opencv_forward
import torch_forward

REFERENCE = nets.SHARED / "reference" / "googlenet_cat"


def compare(what, found, expected, bound):
    """Print the relative L2 distance; True if within the bound."""
    distance = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    print(f"{what}: {distance:.1e} (bound {bound:.0e}){'' if distance <= bound else '  <-- too far'}")
    return distance <= bound


def window_cells(layer, x):
    """The original's flat rule counts the whole window, padding included, and no channels."""
    return layer.kernel**2


def taylor(received, x, y, alpha=1e-4, beta=0.75, size=5):
    """The original's rule for normalisation: a first-order expansion, not divided by the output."""
    a, half, channels = alpha / size, size // 2, x.shape[1]
    scale = torch_forward.lrn_scale(x)
    term = x * received * scale ** (-beta - 1)
    padded = torch.nn.functional.pad(term, (0, 0, 0, 0, half, half))
    others = sum(padded[:, i : i + channels] for i in range(size)) - term
    return received * x * (1 + a * x * x) ** -beta - 2 * a * beta * x * x * others


def agreement(name):
    """Do the forwards agree with each other, and the explanations?"""
    net = nets.NETS[name]()
    probabilities = torch_forward.job(net, 1)()
    good = compare(f"{name} forward, opencv and torch", opencv_forward.job(net, 1)().reshape(1, -1), probabilities, 1e-4)
    # in float64, because α2β1 amplifies rounding layer by layer: this asks whether the formulas are the same
    x = torch.from_numpy(nets.batch(net, 1)).double()
    with torch.inference_mode():
        lean = lrp_lean.explain(net, lrp_lean.prepare(net, dtype=x.dtype), x)[1].numpy()
    zennit = lrp_zennit.explain(net, lrp_zennit.build(net, x.dtype), x)[1].numpy()
    return compare(f"{name} relevance, lean and zennit-style", lean, zennit, 1e-8) and good


@torch.inference_mode()
def faithful():
    """Does GoogLeNet agree with the original's own outputs?"""
    net = nets.googlenet()
    x = np.load(REFERENCE / "input.npy")
    expected = np.load(REFERENCE / "activations" / "prob.npy").reshape(1, -1)
    good = compare("googlenet forward, torch and reference", torch_forward.job(net, 1)(torch.from_numpy(x)), expected, 1e-5)
    good &= compare("googlenet forward, opencv and reference", opencv_forward.job(net, 1)(x).reshape(1, -1), expected, 1e-5)
    ready = lrp_lean.prepare(net, window_cells)
    found = lrp_lean.explain(net, ready, torch.from_numpy(x), taylor)[1].numpy()
    expected = np.load(REFERENCE / "relevance" / "formula102.npy")
    return compare("googlenet relevance, lean with the original's variants and reference", found, expected, 1e-3) and good


if __name__ == "__main__":
    results = [agreement(name) for name in sys.argv[1:] or nets.NETS]
    if REFERENCE.exists():
        results.append(faithful())
    else:
        print(f"skipped: no reference outputs at {REFERENCE}")
    sys.exit(0 if all(results) else 1)
