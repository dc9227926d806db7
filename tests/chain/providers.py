"""Nodes that misbehave: a door to the chain in this process that can be shut, or change what it says."""

from collections.abc import Callable
from typing import Any

import requests
from web3 import EthereumTesterProvider


class Door(EthereumTesterProvider):
    """Another way to the same chain. A test may change its answers, or shut it."""

    def __init__(
        self,
        evm: EthereumTesterProvider,
        change: Callable[[str, Any], Any] = lambda method, result: result,
    ) -> None:
        super().__init__(evm.ethereum_tester)
        self.change = change
        self.shut = False
        self.asked: list[str] = []

    def make_request(self, method: Any, params: Any) -> Any:
        self.asked.append(str(method))
        if self.shut:
            raise requests.ConnectionError("connection refused")
        answer = dict(super().make_request(method, params))
        if "result" in answer:
            answer["result"] = self.change(str(method), answer["result"])
        return answer
