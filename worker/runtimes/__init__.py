"""What runs networks."""

import sys

# Through this package OpenVINO and NNCF tell an address on the Internet what they are used for, and fork for
# it, which is unsafe beside threads. Where it cannot be imported they do without.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
