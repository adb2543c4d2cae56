"""Runs an explanation that `limn compile` wrote, without limn.

read-explanation.py explain.onnx photo.png relevance.npy

Needs onnxruntime, numpy and Pillow. How photos are prepared is in the file's metadata.
"""

import json
import sys

import numpy as np
import onnxruntime as ort
from PIL import Image

explanation, photo, output = sys.argv[1:4]
session = ort.InferenceSession(explanation, providers=["CPUExecutionProvider"])
metadata = session.get_modelmeta().custom_metadata_map
how = json.loads(metadata["limn.preprocessing"])
[head] = [h for h in json.loads(metadata["limn.heads"]) if h["kind"] == "classes"][:1]

picture = Image.open(photo).convert("RGB")
if "resize" in how:
    picture = picture.resize((how["resize"]["width"], how["resize"]["height"]), Image.BILINEAR)
if "crop" in how:
    height, width = how["crop"]["height"], how["crop"]["width"]
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    picture = picture.crop((left, top, left + width, top + height))
pixels = np.asarray(picture, dtype=np.float32)
if how["channels"] == "bgr":
    pixels = pixels[:, :, ::-1]
prepared = (pixels - how.get("mean", 0)) * how.get("scale", 1) / how.get("std", 1)
data = np.ascontiguousarray(prepared.transpose(2, 0, 1)[None], dtype=np.float32)

# -1 asks for the class with the highest score.
name = session.get_inputs()[0].name
scores, relevance = session.run(["scores", "relevance"], {name: data, "target": np.array([-1], dtype=np.int64)})
best = int(scores[0].argmax())
label = head["labels"][best] if "labels" in head else str(best)
print(f"{label}: score {scores[0, best]:.4f}, relevance adds up to {relevance.sum():.4f}")
np.save(output, relevance)
