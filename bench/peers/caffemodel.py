"""Caffe's files, as little of them as the benchmark needs: weights in, prototxt and weights out."""

import numpy as np


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    """Yield (number, payload) of a protobuf message; payload is bytes, or an int for a varint."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        wire = key & 7
        if wire == 0:
            payload, at = varint(data, at)
        elif wire == 2:
            size, at = varint(data, at)
            payload, at = data[at : at + size], at + size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            payload, at = data[at : at + size], at + size
        else:
            raise ValueError(f"caffemodel: wire type {wire} at byte {at}")
        yield key >> 3, payload


def read(data):
    """{layer name: [flat float32 array per blob]} of a caffemodel in the current (V2) layout."""
    found = {}
    for number, layer in fields(memoryview(data)):
        if number != 100:  # NetParameter.layer
            continue
        name, blobs = "", []
        for field, payload in fields(layer):
            if field == 1:
                name = bytes(payload).decode()
            elif field == 7:  # LayerParameter.blobs; in BlobProto, field 5 is the packed floats
                blobs.extend(np.frombuffer(p, "<f4").copy() for f, p in fields(payload) if f == 5)
        if blobs:
            found[name] = blobs
    return found


def encode(number, payload):
    """One length-delimited field."""
    return encode_varint(number << 3 | 2) + encode_varint(len(payload)) + payload


def encode_varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode_blob(array):
    shape = b"".join(encode_varint(d) for d in array.shape)
    return encode(7, encode(1, shape)) + encode(5, array.astype("<f4").tobytes())


TYPES = {
    "conv": "Convolution",
    "fc": "InnerProduct",
    "relu": "ReLU",
    "max": "Pooling",
    "ave": "Pooling",
    "lrn": "LRN",
    "concat": "Concat",
    "softmax": "Softmax",
}


def write(net, weights):
    """The bytes of a caffemodel that holds `weights` for `net`."""
    parts = [encode(1, net.name.encode())]
    for layer in net.layers:
        if layer.name in weights:
            blobs = b"".join(encode(7, encode_blob(a)) for a in weights[layer.name])
            head = encode(1, layer.name.encode()) + encode(2, TYPES[layer.kind].encode())
            parts.append(encode(100, head + blobs))
    return b"".join(parts)


def prototxt(net, count=1):
    """The deploy.prototxt of `net` for batches of `count`."""
    dims = " ".join(f"dim: {d}" for d in (count, 3, net.size, net.size))
    return definition(net, f'input: "data" input_shape {{ {dims} }}', net.layers)


def training_prototxt(net, count, loss_weights):
    """`net` with a data layer for batches of `count`, and a loss in place of each softmax."""
    data = f"data_param {{ batch_size: {count} }} transform_param {{ crop_size: {net.size} }}"
    body = definition(
        net,
        f'layer {{ name: "data" type: "Data" top: "data" top: "label" {data} }}',
        [layer for layer in net.layers if layer.kind != "softmax"],
    )
    losses = [
        f'layer {{ name: "{layer.name}" type: "SoftmaxWithLoss" bottom: "{layer.bottoms[0]}" bottom: "label"'
        f' top: "{layer.name}" loss_weight: {loss_weights.get(layer.name, 1)} }}\n'
        for layer in net.layers
        if layer.kind == "softmax"
    ]
    return body + "".join(losses)


def definition(net, inputs, layers):
    lines = [f'name: "{net.name}"', inputs]
    for layer in layers:
        window = f"kernel_size: {layer.kernel} stride: {layer.stride} pad: {layer.pad}"
        options = {
            "conv": f"convolution_param {{ num_output: {layer.out} {window} group: {layer.group} }}",
            "fc": f"inner_product_param {{ num_output: {layer.out} }}",
            "max": f"pooling_param {{ pool: MAX {window} }}",
            "ave": f"pooling_param {{ pool: AVE {window} }}",
            "lrn": "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }",
        }.get(layer.kind, "")
        bottoms = " ".join(f'bottom: "{b}"' for b in layer.bottoms)
        lines.append(f'layer {{ name: "{layer.name}" type: "{TYPES[layer.kind]}" {bottoms} top: "{layer.name}" {options} }}')
    return "\n".join(lines) + "\n"
