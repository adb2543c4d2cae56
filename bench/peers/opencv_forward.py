"""Forward with OpenCV's dnn module."""

import cv2
import numpy as np

import caffemodel
import nets


def job(net, count):
    """A function that classifies one fixed batch and returns the probabilities."""
    if not hasattr(cv2.dnn, "readNetFromCaffe"):
        raise ValueError(f"OpenCV {cv2.__version__} has no reader of Caffe's files")
    text = caffemodel.prototxt(net, count).encode()
    model = caffemodel.write(net, nets.weights(net))
    engine = cv2.dnn.readNetFromCaffe(np.frombuffer(text, np.uint8), np.frombuffer(model, np.uint8))
    x = nets.batch(net, count)

    def run(x=x):
        engine.setInput(x)
        return engine.forward()

    return run
