"""The usual pipeline: cv2, facenet-pytorch on each frame, PIL and torchvision, an Xception face by face.

As FaceForensics++ detect_from_video.py has it, with MTCNN in place of dlib, all faces, and no gradients.
"""

import sys

import cv2
import torch
from facenet_pytorch import MTCNN
from PIL import Image
from torchvision.transforms import Compose, Normalize, Resize, ToTensor

from benchmarks.pipelines.used import Used
from worker.detectors.xception import load_network
from worker.faces.interface import MIN_CONFIDENCE

SCALE = 1.3
SMALLEST_PX = 64


def main(video: str, weights: str) -> None:
    """Score every frame, and print the scores and what they cost."""
    with open(weights, "rb") as file:
        network = load_network("xception", file.read()).eval()
    finder = MTCNN(keep_all=True, device="cpu")
    prepare = Compose([Resize((299, 299)), ToTensor(), Normalize([0.5] * 3, [0.5] * 3)])
    used = Used()
    reader = cv2.VideoCapture(video)
    scores: list[list[float]] = []
    boxes: list[list[list[float]]] = []
    while True:
        read, frame = reader.read()
        if not read:
            break
        picture = Image.fromarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        found, confidences = finder.detect(picture)
        scores.append([])
        boxes.append([])
        for box, confidence in zip(found if found is not None else (), confidences, strict=False):
            x1, y1, x2, y2 = map(float, box)
            if confidence < MIN_CONFIDENCE or min(x2 - x1, y2 - y1) < SMALLEST_PX:
                continue
            half = max(x2 - x1, y2 - y1) * SCALE / 2
            x, y = (x1 + x2) / 2, (y1 + y2) / 2
            crop = picture.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
            with torch.no_grad():
                scores[-1].append(float(network(prepare(crop)[None]).sigmoid()))
            boxes[-1].append([x1, y1, x2, y2])
    used.tell(scores=scores, boxes=boxes)


if __name__ == "__main__":
    main(*sys.argv[1:])
