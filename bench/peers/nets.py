"""The four benchmark networks as plain data, and their weights.

A net is a list of layers in order of execution. In-place ReLU is its own layer, dropout (the identity
at test time) is left out. Sizes follow the published Caffe definitions, with ceil-mode pooling.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import caffemodel

SHARED = Path(__file__).resolve().parents[3] / "shared"
GOOGLENET_WEIGHTS = SHARED / "models" / "bvlc_googlenet.caffemodel"


@dataclass
class Layer:
    kind: str  # conv, fc, relu, max, ave, lrn, concat, softmax
    name: str
    bottoms: list
    out: int = 0  # channels or units, for conv and fc
    kernel: int = 1
    stride: int = 1
    pad: int = 0
    group: int = 1
    relu: bool = False  # is the next layer a ReLU on this one's output


@dataclass
class Net:
    name: str
    size: int  # side of the square input
    layers: list = field(default_factory=list)
    flat: list = field(default_factory=list)  # layers under the flat rule, as in the 2017 paper

    def add(self, kind, name, bottom=None, **options):
        """Append a layer after `bottom` (default: the last one) and return its name."""
        if bottom is None:
            bottom = self.layers[-1].name if self.layers else "data"
        bottoms = bottom if isinstance(bottom, list) else [bottom]
        self.layers.append(Layer(kind, name, bottoms, **options))
        return name

    def unit(self, kind, name, bottom=None, **options):
        """A convolution or fully connected layer with its ReLU."""
        self.add(kind, name, bottom, relu=True, **options)
        return self.add("relu", name + "/relu")


def googlenet():
    net = Net("googlenet", 224, flat=["conv1/7x7_s2", "conv2/3x3_reduce"])
    net.unit("conv", "conv1/7x7_s2", out=64, kernel=7, stride=2, pad=3)
    net.add("max", "pool1/3x3_s2", kernel=3, stride=2)
    net.add("lrn", "pool1/norm1")
    net.unit("conv", "conv2/3x3_reduce", out=64)
    net.unit("conv", "conv2/3x3", out=192, kernel=3, pad=1)
    net.add("lrn", "conv2/norm2")
    net.add("max", "pool2/3x3_s2", kernel=3, stride=2)
    widths = {  # 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection
        "3a": (64, 96, 128, 16, 32, 32),
        "3b": (128, 128, 192, 32, 96, 64),
        "4a": (192, 96, 208, 16, 48, 64),
        "4b": (160, 112, 224, 24, 64, 64),
        "4c": (128, 128, 256, 24, 64, 64),
        "4d": (112, 144, 288, 32, 64, 64),
        "4e": (256, 160, 320, 32, 128, 128),
        "5a": (256, 160, 320, 32, 128, 128),
        "5b": (384, 192, 384, 48, 128, 128),
    }
    for block, (one, reduce3, three, reduce5, five, proj) in widths.items():
        at, x = f"inception_{block}/", net.layers[-1].name
        branch1 = net.unit("conv", at + "1x1", x, out=one)
        net.unit("conv", at + "3x3_reduce", x, out=reduce3)
        branch3 = net.unit("conv", at + "3x3", out=three, kernel=3, pad=1)
        net.unit("conv", at + "5x5_reduce", x, out=reduce5)
        branch5 = net.unit("conv", at + "5x5", out=five, kernel=5, pad=2)
        net.add("max", at + "pool", x, kernel=3, pad=1)
        pooled = net.unit("conv", at + "pool_proj", out=proj)
        net.add("concat", at + "output", [branch1, branch3, branch5, pooled])
        if block in ("3b", "4e"):
            net.add("max", f"pool{block[0]}/3x3_s2", kernel=3, stride=2)
    net.add("ave", "pool5/7x7_s1", kernel=7)
    net.add("fc", "loss3/classifier", out=1000)
    net.add("softmax", "prob")
    return net


def googlenet_heads():
    """GoogLeNet as it is trained: with two auxiliary heads."""
    net = googlenet()
    net.name = "googlenet_heads"
    for head, block in (("loss1", "4a"), ("loss2", "4d")):
        net.add("ave", f"{head}/ave_pool", f"inception_{block}/output", kernel=5, stride=3)
        net.unit("conv", f"{head}/conv", out=128)
        net.unit("fc", f"{head}/fc", out=1024)
        net.add("fc", f"{head}/classifier", out=1000)
        net.add("softmax", f"{head}/prob")
    return net


# What losses of auxiliary heads count.
LOSS_WEIGHTS = {"loss1/prob": 0.3, "loss2/prob": 0.3}


def adience():
    net = Net("adience", 227, flat=["conv1"])
    net.unit("conv", "conv1", out=96, kernel=7, stride=4)
    net.add("max", "pool1", kernel=3, stride=2)
    net.add("lrn", "norm1")
    net.unit("conv", "conv2", out=256, kernel=5, pad=2)
    net.add("max", "pool2", kernel=3, stride=2)
    net.add("lrn", "norm2")
    net.unit("conv", "conv3", out=384, kernel=3, pad=1)
    net.add("max", "pool5", kernel=3, stride=2)
    return classifier(net, 512)


def caffenet():
    net = Net("caffenet", 227, flat=["conv1"])
    net.unit("conv", "conv1", out=96, kernel=11, stride=4)
    net.add("max", "pool1", kernel=3, stride=2)
    net.add("lrn", "norm1")
    net.unit("conv", "conv2", out=256, kernel=5, pad=2, group=2)
    net.add("max", "pool2", kernel=3, stride=2)
    net.add("lrn", "norm2")
    net.unit("conv", "conv3", out=384, kernel=3, pad=1)
    net.unit("conv", "conv4", out=384, kernel=3, pad=1, group=2)
    net.unit("conv", "conv5", out=256, kernel=3, pad=1, group=2)
    net.add("max", "pool5", kernel=3, stride=2)
    return classifier(net, 4096)


def vgg16():
    net = Net("vgg16", 224, flat=["conv1_1", "conv1_2", "conv2_1", "conv2_2"])
    for block, (width, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)], 1):
        for i in range(1, depth + 1):
            net.unit("conv", f"conv{block}_{i}", out=width, kernel=3, pad=1)
        net.add("max", f"pool{block}", kernel=2, stride=2)
    return classifier(net, 4096)


def classifier(net, width):
    net.unit("fc", "fc6", out=width)
    net.unit("fc", "fc7", out=width)
    net.add("fc", "fc8", out=8)
    net.add("softmax", "prob")
    return net


NETS = {"googlenet": googlenet, "googlenet_heads": googlenet_heads, "adience": adience, "caffenet": caffenet, "vgg16": vgg16}


def shapes(net):
    """C, H, W of every layer's output, by name; the input is "data"."""
    out = {"data": (3, net.size, net.size)}
    for layer in net.layers:
        channels, height, width = out[layer.bottoms[0]]
        if layer.kind == "conv":
            side = (height + 2 * layer.pad - layer.kernel) // layer.stride + 1
            out[layer.name] = (layer.out, side, side)
        elif layer.kind in ("max", "ave"):
            # Caffe rounds up, and drops a last window that would start in the padding
            side = -((height + 2 * layer.pad - layer.kernel) // -layer.stride) + 1
            if (side - 1) * layer.stride >= height + layer.pad:
                side -= 1
            out[layer.name] = (channels, side, side)
        elif layer.kind == "fc":
            out[layer.name] = (layer.out, 1, 1)
        elif layer.kind == "concat":
            out[layer.name] = (sum(out[b][0] for b in layer.bottoms), height, width)
        else:
            out[layer.name] = (channels, height, width)
    return out


def weights(net):
    """{layer: (W, b)} float32; GoogLeNet's trained ones where present, otherwise seeded random.

    The file of trained ones may lack those of the auxiliary heads. W is out × in/group × k × k for a convolution and out × in for a fully connected layer.
    """
    shape, found = shapes(net), {}
    trained = source(net) == "trained"
    blobs = caffemodel.read(GOOGLENET_WEIGHTS.read_bytes()) if trained else {}
    random = np.random.default_rng(2017)
    for layer in net.layers:
        if layer.kind not in ("conv", "fc"):
            continue
        channels, height, width = shape[layer.bottoms[0]]
        if layer.kind == "conv":
            dims = (layer.out, channels // layer.group, layer.kernel, layer.kernel)
        else:
            dims = (layer.out, channels * height * width)
        if layer.name in blobs:
            w, b = blobs[layer.name]
        else:  # He et al. 2015: keeps the activations' scale through the ReLUs
            w = random.standard_normal(dims, dtype=np.float32) * np.sqrt(2 / np.prod(dims[1:]), dtype=np.float32)
            if layer.bottoms == ["data"]:
                w /= np.float32(70)  # about the deviation of a pixel
            if not layer.relu:  # the scores: keep the softmax from saturating
                w /= np.float32(10)
            b = random.standard_normal(layer.out, dtype=np.float32) * np.float32(0.01)
        found[layer.name] = (w.reshape(dims), b.reshape(-1))
    return found


def source(net):
    """Where `weights` takes the net's weights from, in words."""
    return "trained" if net.name.startswith("googlenet") and GOOGLENET_WEIGHTS.exists() else "seeded random"


def batch(net, count):
    """A seeded random batch in the range of mean-subtracted pixels, count × 3 × size × size."""
    random = np.random.default_rng(7)
    return random.uniform(-120, 130, (count, 3, net.size, net.size)).astype(np.float32)


def labels(count):
    """A class per image of a batch."""
    return np.arange(count) % 8
