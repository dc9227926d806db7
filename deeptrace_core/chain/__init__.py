"""Anchoring on an EVM chain: the contract, the fees, the notary, the look-up. The only package with web3."""
