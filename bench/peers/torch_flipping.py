"""Pixel flipping with PyTorch, one photo at a time, as the libraries for it do.

Squares of 16 x 16 pixels become their channel's mean, the brightest first, in 100 steps; the probability of the
predicted class is read after each.
"""

import numpy as np
import torch

import nets
import torch_forward

SIDE, STEPS = 16, 100


def order(photo):
    """The rank of each square of a photo 3 x H x W, the largest mean of the channels' sum first."""
    height, width = photo.shape[1:]
    down, across = height // SIDE, width // SIDE
    sums = photo.astype(np.float64).sum(0).reshape(down, SIDE, across, SIDE).mean((1, 3)).ravel()
    ranks = np.empty(sums.size, dtype=int)
    ranks[np.argsort(-sums, kind="stable")] = np.arange(sums.size)
    return ranks.reshape(down, across).repeat(SIDE, 0).repeat(SIDE, 1)


def job(net, count):
    """A function that flips `count` photos and returns the curves, count x (STEPS + 1)."""
    weights = torch_forward.tensors(net)
    photos = nets.batch(net, count)

    @torch.inference_mode()
    def run():
        curves = []
        for photo in photos:
            ranks = order(photo)
            squares = ranks.max() + 1
            means = photo.astype(np.float64).mean((1, 2), keepdims=True).astype(np.float32)
            values, target = [], None
            for step in range(STEPS + 1):
                gone = ranks < int(step * squares / STEPS + 0.5)
                changed = np.where(gone, means, photo)
                probabilities = torch_forward.forward(net, weights, torch.from_numpy(changed[None])).numpy()[0]
                if target is None:
                    target = int(probabilities.argmax())
                values.append(probabilities[target])
            curves.append(values)
        return np.array(curves, dtype=np.float32)

    return run
