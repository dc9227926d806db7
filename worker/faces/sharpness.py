"""How sharp a face is: in a blurred one the traces of manipulation are gone, and scores mean little."""

import cv2

from deeptrace_core.model import Face
from worker.faces.crops import Geometry, Image, Preset, crop_face

_FRAMING = Preset(
    name="sharpness",
    geometry=Geometry.BOX,
    scale=1.0,
    size_px=128,
    mean=(0.0, 0.0, 0.0),
    std=(1.0, 1.0, 1.0),
)


def sharpness(image: Image, face: Face) -> float:
    """Variance of the Laplacian of the face at 128 px (Pech-Pacheco et al., ICPR 2000), from 0.

    At one size for all, so that near and far faces can be compared: a small one is soft when enlarged.
    """
    grey = cv2.cvtColor(crop_face(image, face, _FRAMING), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var())
