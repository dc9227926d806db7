"""What runs a network: PyTorch anywhere, OpenVINO on a CPU. Both are given the same network and weights."""
