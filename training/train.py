"""Train one network on the cache: `python -m training.train --help`. Start it again and it goes on."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader
from tqdm import tqdm

from training.choose import Faces, choosing_sets, video_aucs
from training.faces import Cache, Mix, Views
from training.nets import NETS

BATCH = 64
RATE = 2e-3
DECAY = 0.05
SMOOTHING = 0.05
"""Labels are 0.05 and 0.95: no single face, and there are wrong labels, deserves certainty."""
AVERAGING = 0.999
"""Decay of the running average of the weights, which is what is kept: about the last thousand steps."""


SETS = ("mesonet", "dfdc", "landmarks")


def mix(blends: float, without: Sequence[str] = ()) -> Mix:
    """Half of each class, and of each set, so that the set tells nothing.

    Args:
        blends: share of the blended faces; the landmarked faces they were made from have the same.
        without: those of `SETS` that are not trained on; the others share their part.
    """
    rest = 0.5 - blends
    shares = {"landmarks": blends, "mesonet": 0.35 * rest, "dfdc": 0.65 * rest}
    kept = {source: share for source, share in shares.items() if source not in without}
    manipulated = {source: source for source in kept} | {"landmarks": "blended-landmarks"}
    return {
        (manipulated[source] if fake else source, fake): 0.5 * share / sum(kept.values())
        for source, share in kept.items()
        for fake in (False, True)
    }


def train(args: argparse.Namespace) -> None:
    """All epochs that are still to do."""
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    net = NETS[args.net]
    network = net.build(args.start).to(memory_format=torch.channels_last)
    averaging = get_ema_multi_avg_fn(args.averaging)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
    optimiser = torch.optim.AdamW(network.parameters(), lr=args.rate, weight_decay=DECAY, fused=True)
    steps = args.count // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=args.rate, total_steps=args.epochs * steps, pct_start=0.15
    )
    parts: dict[str, Any] = {
        "network": network,
        "average": average,
        "optimiser": optimiser,
        "schedule": schedule,
    }
    args.out.mkdir(parents=True, exist_ok=True)
    done = _resume(args.out / "latest.pt", parts)
    cache, sets = Cache(args.cache), choosing_sets(args.cache)
    mean, std = (torch.tensor(numbers).view(1, 3, 1, 1) for numbers in net.normalisation)
    for epoch in range(done, args.epochs):
        views = Views(cache, mix(args.blends, args.without), seed=args.seed, epoch=epoch, count=args.count)
        loader = DataLoader(views, BATCH, num_workers=args.workers, drop_last=True)
        network.train()
        losses = []
        for pictures, fake in tqdm(loader, desc=f"epoch {epoch + 1}", unit="step", total=steps):
            pictures = (pictures.to(memory_format=torch.channels_last) / 255 - mean) / std
            loss = _loss(network, pictures, fake)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if schedule.last_epoch < schedule.total_steps - 1:
                schedule.step()
            average.update_parameters(network)
            losses.append(loss.item())
        _report(args.out, epoch + 1, sum(losses) / len(losses), average.module, args.net, sets)
        torch.save(average.module.state_dict(), args.out / f"epoch{epoch + 1}.pt")
        torch.save(
            {"epoch": epoch + 1} | {k: part.state_dict() for k, part in parts.items()}, args.out / "latest.pt"
        )


def _loss(network: nn.Module, pictures: Tensor, fake: Tensor) -> Tensor:
    targets = fake * (1 - 2 * SMOOTHING) + SMOOTHING
    return binary_cross_entropy_with_logits(network(pictures)[:, 0], targets)


def _resume(path: Path, parts: dict[str, Any]) -> int:
    """Epochs that are done already."""
    if not path.is_file():
        return 0
    saved = torch.load(path, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(saved[name])
    return int(saved["epoch"])


def _report(
    out: Path,
    epoch: int,
    loss: float,
    network: nn.Module,
    name: str,
    sets: dict[str, Faces],
) -> None:
    line = {
        "epoch": epoch,
        "loss": round(loss, 4),
        "auc": {k: round(v, 4) for k, v in video_aucs(network, NETS[name], sets).items()},
    }
    with (out / "curves.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    tqdm.write(json.dumps(line))


def main() -> None:
    """Read what to train, and train it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--net", choices=NETS, default="light")
    parser.add_argument("--cache", type=Path, required=True, help="the folder that training.data wrote")
    parser.add_argument(
        "--start",
        type=Path,
        nargs="+",
        default=[],
        help="ImageNet weights of the light net; or epochN.pt files, whose mean it is",
    )
    parser.add_argument("--out", type=Path, required=True, help="checkpoints and curves")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, default=RATE, help="the highest of the one cycle")
    parser.add_argument("--averaging", type=float, default=AVERAGING, help="decay of the running average")
    parser.add_argument("--blends", type=float, default=0.07, help="share of the blended faces")
    parser.add_argument(
        "--without", choices=SETS, nargs="+", default=[], help="leave these sets out, to test on them"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--count", type=int, default=40_000, help="views in an epoch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes that make views; 0: none")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
