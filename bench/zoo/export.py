"""Exports the networks of `networks.py` for `npm run zoo`, one folder each; what is there already stays.

    python export.py FOLDER [REGEXP [EXPORTER]]

The old light networks of the onnx package are copied beside them. A folder holds x.npy (four images), y.npy (their scores, float64), c.npy (a class for each), g.npy (the gradient of the
classes' scores, float64), one .onnx file for each exporter, and record.json, which is written last and lists them.
"""

import hashlib
import json
import os
import re
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

try:
    import numpy as np
    import torch

    # Wheels of torchvision are built for one kind of torch; beside another its C++ operators are absent, which
    # classifiers never call but its import declares derivatives of.
    OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
    for signature in ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
                      "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"):
        OPERATORS.define(signature)

    import timm  # noqa: F401
    import torchvision  # noqa: F401
    import transformers  # noqa: F401
    import onnxscript  # noqa: F401
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit(0)

from networks import networks

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
BATCH = 4
BATCH_NORM = torch.nn.functional.batch_norm
# The operator sets and sizes of the batch go round, so that every exporter meets all of them.
LEGACY = [13, 14, 15, 16, 17, 18, 20]
DYNAMO = [18, 19, 20]


def seeded(name, build):
    """The network in float32 with seeded weights: none of them constant, its statistics those of such inputs."""
    torch.manual_seed(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))
    model = build()
    with torch.no_grad():
        for parameter in model.parameters():
            # Scales of 1e-6 and gains of 0, as they are initialised, would hide whole branches.
            if parameter.numel() == 1 or parameter.max() == parameter.min():
                value = parameter.flatten()[0].item()
                centre = 0.5 if 0 < abs(value) < 0.1 else value
                parameter.copy_(centre + 0.1 * torch.randn_like(parameter))
    return model


def warmed(model, x):
    """Statistics of batch normalisation as they are after some training."""
    model.eval()
    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.train()
        norm.momentum = 0.5
    with torch.no_grad():
        for _ in range(4):
            model(x + 0.1 * torch.randn_like(x))
    return model.eval()


def batch_norm(x, mean, variance, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """By its formula: the derivative of PyTorch 2.13's own is wrong before a transposed layer normalisation (XCiT)."""
    if training:
        return BATCH_NORM(x, mean, variance, weight, bias, training, momentum, eps)
    placed = [1, -1] + [1] * (x.dim() - 2)
    scale = (variance + eps).rsqrt() * (1 if weight is None else weight)
    shift = (0 if bias is None else bias) - mean * scale
    return x * scale.view(placed) + shift.view(placed)


def scores_and_gradient(model, x, classes=None):
    """Image by image: some networks (GC ViT) mix the images of a batch."""
    x = x.clone().requires_grad_(True)
    torch.nn.functional.batch_norm = batch_norm
    y = torch.cat([model(image) for image in x.split(1)])
    torch.nn.functional.batch_norm = BATCH_NORM
    chosen = y.argmax(1) if classes is None else classes
    y.gather(1, chosen[:, None]).sum().backward()
    return y.detach(), chosen, x.grad


def export(model, x, path, exporter, opset, dynamic):
    if exporter == "dynamo":
        batch = torch.export.Dim("batch", min=1, max=64)
        program = torch.onnx.export(
            model, (x[: 2 if dynamic else 1],), dynamo=True, opset_version=opset, verbose=False, external_data=False,
            dynamic_shapes=({0: batch},) if dynamic else None, input_names=["image"], output_names=["scores"],
        )
        program.save(str(path), external_data=False)
    else:
        torch.onnx.export(
            model, (x[: 2 if dynamic else 1],), str(path), dynamo=False, opset_version=opset, verbose=False,
            input_names=["image"], output_names=["scores"],
            dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}} if dynamic else None,
        )


def export_somehow(model, x, path, exporter, opset, dynamic):
    """Where an exporter cannot write fused attention, timm's modules can do without."""
    try:
        export(model, x, path, exporter, opset, dynamic)
    except Exception:
        fused = [module for module in model.modules() if getattr(module, "fused_attn", False) is True]
        if not fused:
            raise
        for module in fused:
            module.fused_attn = False
        export(model, x, path, exporter, opset, dynamic)


def reason(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {(lines or [''])[0]}"[:200]


def exporters(index, name):
    """The files that a network becomes: by which exporter, for which operator set, with a batch of any size or not."""
    made = [("TorchScript", LEGACY[index % len(LEGACY)], index % 3 != 0)]
    # The newer exporter takes a minute for some networks: of timm, which has most, it meets every fourth.
    if not name.startswith("timm_") or index % 4 == 0:
        made.append(("dynamo", DYNAMO[index % len(DYNAMO)], index % 3 != 1))
    return made


def make(folder, wanted, family, name, side, build):
    known = json.loads((folder / "record.json").read_text())["files"] if (folder / "record.json").exists() else []
    folder.mkdir(parents=True, exist_ok=True)
    model = seeded(name, build)
    x = torch.randn(BATCH, 3, side, side)
    model = warmed(model, x)
    y32, chosen, gradient32 = scores_and_gradient(model, x)
    record = {"family": family, "name": name, "side": side, "files": known}
    for exporter, opset, dynamic in wanted:
        file = f"{exporter}.onnx"
        entry = {"file": file, "exporter": exporter, "opset": opset, "dynamic": dynamic}
        try:
            export_somehow(model, x, folder / file, exporter, opset, dynamic)
        except torch.onnx.errors.SymbolicValueError:
            # The older exporter does not follow the sizes of some networks where one of them is open.
            entry["dynamic"] = False
            try:
                export_somehow(model, x, folder / file, exporter, opset, False)
            except Exception as error:
                entry["failed"] = reason(error)
        except torch.onnx.errors.UnsupportedOperatorError:
            # The older exporter learns no operators any more (rms_norm): the newer writes the network in its place.
            file, opset = "dynamo.onnx", max(opset, DYNAMO[0])
            entry = {**entry, "file": file, "exporter": "dynamo", "opset": opset, "wanted": exporter}
            try:
                export_somehow(model, x, folder / file, "dynamo", opset, dynamic)
            except Exception as error:
                entry["failed"] = reason(error)
        except Exception as error:
            entry["failed"] = reason(error)
        record["files"].append(entry)
    model = model.double()
    y, _, gradient = scores_and_gradient(model, x.double(), chosen)
    # What a step that float32 cannot tell from none changes is a kink (two equal cells of a maximum, a zero before a
    # ReLU), not an error.
    near = [scores_and_gradient(model, x.double() + 1e-6 * torch.randn_like(x.double()), chosen)[2] for _ in range(3)]
    spread = max((other - gradient).abs().max().item() for other in near)
    record["float32"] = ((y32.double() - y).abs().max() / y.abs().max()).item()
    record["kinks"] = spread / gradient.abs().max().item()
    record["gradient32"] = ((gradient32.double() - gradient).abs().max() / gradient.abs().max()).item()
    for key, value in {"x": x.float(), "y": y, "c": chosen, "g": gradient}.items():
        np.save(folder / f"{key}.npy", value.detach().numpy())
    (folder / "record.json").write_text(json.dumps(record))


def light_networks(out):
    """The old networks in the test data of the onnx package, whose weights are constants: without their framework."""
    import onnx

    data = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    for path in sorted(data.glob("light_*.onnx")):
        folder = out / f"onnx_{path.stem}"
        folder.mkdir(parents=True, exist_ok=True)
        model = onnx.load(path)
        opset = next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
        (folder / "model.onnx").write_bytes(path.read_bytes())
        image = np.random.default_rng(1).standard_normal((BATCH, 3, 224, 224)).astype(np.float32)
        np.save(folder / "x.npy", image)
        entry = {"file": "model.onnx", "exporter": model.producer_name, "opset": opset, "dynamic": False}
        record = {"family": path.stem[6:], "name": folder.name, "files": [entry], "float32": 0, "kinks": 0}
        (folder / "record.json").write_text(json.dumps(record))


def main():
    out, pattern, only = Path(sys.argv[1]), re.compile((sys.argv + [""])[2]), (sys.argv + ["", ""])[3]
    for index, (family, name, side, build) in enumerate(networks()):
        folder = out / name
        record = folder / "record.json"
        done = [each.get("wanted", each["exporter"]) for each in json.loads(record.read_text())["files"]] if record.exists() else []
        wanted = [each for each in exporters(index, name) if each[0] not in done and only in ("", each[0])]
        if not pattern.search(name) or not wanted:
            continue
        try:
            make(folder, wanted, family, name, side, build)
            print(json.dumps({"made": name}), flush=True)
        except Exception as error:
            print(json.dumps({"failed": name, "reason": reason(error)}), flush=True)
    if pattern.search("onnx_light"):
        light_networks(out)
    versions = {m.__name__: m.__version__ for m in (torch, torchvision, timm, transformers)}
    print(json.dumps({"versions": versions}), flush=True)


main()
