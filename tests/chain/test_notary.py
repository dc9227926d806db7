"""The notary on a chain in this process: what it writes, what it waits for, what it survives."""

from typing import Any

import pytest
from pymongo.database import Database
from web3 import EthereumTesterProvider
from web3.contract import Contract

from deeptrace_core.anchor import AnchorState
from deeptrace_core.chain.client import ChainClient
from deeptrace_core.chain.merkle import root_from
from deeptrace_core.chain.presets import Chain
from deeptrace_core.errors import (
    LeaseLostError,
)
from deeptrace_core.store import Store
from tests.chain.following import Digest, NewNotary, all_ended, anchor_of, events, run
from tests.chain.jobs import completed_job
from tests.chain.providers import Door


def test_a_request_goes_through_every_state(
    store: Store, new_notary: NewNotary, contract: Contract, evm: EthereumTesterProvider, digest: Digest
) -> None:
    """REQUESTED, SIGNED, SUBMITTED, MINED, and CONFIRMED two blocks later; then one event is on the chain."""
    notary, value = new_notary(), digest()
    assert store.anchors.request(value, notary.place).state is AnchorState.REQUESTED
    seen = []
    for _ in range(5):
        notary.step()
        seen.append(anchor_of(store, value).state)
    assert seen == ["SIGNED", "SUBMITTED", "MINED", "MINED", "MINED"]
    evm.ethereum_tester.mine_blocks(2)
    notary.step()
    anchor = anchor_of(store, value)
    assert anchor.state is AnchorState.CONFIRMED
    assert anchor.record is not None
    assert (anchor.record.value, anchor.proof) == (value, ())
    assert events(contract) == [value]
    assert not notary.step()


def test_nothing_to_do_asks_no_node(
    store: Store, new_notary: NewNotary, chain: Chain, evm: EthereumTesterProvider
) -> None:
    """An idle notary costs its node nothing."""
    door = Door(evm)
    notary = new_notary(client=ChainClient(chain, [door]))
    assert not notary.step()
    assert door.asked == []


class Killed(BaseException):
    """The process ends here; nothing catches this."""


def killed_at(owner: object, method: str, *, after: bool, patch: pytest.MonkeyPatch) -> None:
    """End the process at one of its calls, before or after it took effect."""
    true = getattr(owner, method)

    def call(*args: Any, **kwargs: Any) -> Any:
        if after:
            true(*args, **kwargs)
        raise Killed

    patch.setattr(owner, method, call)


CRASHES = {
    "signed, not saved": ("batches", "open", False),
    "saved, not sent": ("batches", "open", True),
    "sent, not recorded": ("client", "send", True),
    "submitted": ("batches", "submitted", True),
    "mined, not recorded": ("batches", "mined", False),
    "mined": ("batches", "mined", True),
    "confirmed, not recorded": ("anchors", "confirm", False),
    "confirmed, batch still open": ("batches", "close", False),
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("point", CRASHES)
def test_a_crash_anywhere_ends_confirmed_with_one_event(
    point: str,
    count: int,
    store: Store,
    client: ChainClient,
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever comes next finishes what was begun, and never writes twice."""
    part, method, after = CRASHES[point]
    owner = {"batches": store.batches, "anchors": store.anchors, "client": client}[part]
    digests = [digest() for _ in range(count)]
    first = new_notary()
    for value in digests:
        store.anchors.request(value, first.place)
    with monkeypatch.context() as patch:
        killed_at(owner, method, after=after, patch=patch)
        with pytest.raises(Killed):
            run(first, evm, all_ended(store, *digests))
    lapse(store)
    run(new_notary(), evm, all_ended(store, *digests))
    assert {anchor_of(store, value).state for value in digests} == {AnchorState.CONFIRMED}
    assert len(events(contract)) == 1


def lapse(store: Store) -> None:
    """Let the time of a lease go by."""
    store._database["anchor_batches"].update_many(
        {"inflight": True}, [{"$set": {"lease_expires_at": "$$NOW"}}]
    )


def test_a_notary_that_lost_its_lease_changes_nothing(
    store: Store, new_notary: NewNotary, digest: Digest
) -> None:
    """It was frozen; another has gone on since."""
    frozen, other = new_notary(), new_notary()
    store.anchors.request(digest(), frozen.place)
    frozen.step()
    batch = store.batches.claim(frozen.place, frozen._id)
    assert batch is not None
    assert not other.step()  # not its batch
    lapse(store)
    other.step()
    for write in (store.batches.submitted, store.batches.unmined, store.batches.close):
        with pytest.raises(LeaseLostError):
            write(batch)


def test_many_requests_share_one_transaction_and_have_their_own_proofs(
    store: Store,
    client: ChainClient,
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
) -> None:
    """100 requests in one transaction; each proof holds by itself, here and on the chain."""
    notary = new_notary()
    digests = [digest() for _ in range(100)]
    for value in digests:
        store.anchors.request(value, notary.place)
    run(notary, evm, all_ended(store, *digests))
    (root,) = events(contract)
    for value in digests:
        anchor = anchor_of(store, value)
        assert anchor.record is not None
        assert root_from(value, anchor.proof) == anchor.record.value == root
        assert client.record_in_batch(notary.place.issuer, root, value, anchor.proof)


def test_asking_twice_is_one_anchor(
    store: Store, new_notary: NewNotary, contract: Contract, evm: EthereumTesterProvider, digest: Digest
) -> None:
    """Before, while and after it is anchored."""
    notary, value = new_notary(), digest()
    wishes = [store.anchors.request(value, notary.place) for _ in range(2)]
    assert wishes[0] == wishes[1]
    notary.step()
    assert store.anchors.request(value, notary.place).state is AnchorState.SIGNED
    run(notary, evm, all_ended(store, value))
    assert store.anchors.request(value, notary.place).state is AnchorState.CONFIRMED
    assert not notary.step()
    assert events(contract) == [value]


@pytest.mark.parametrize("count", [1, 4])
def test_an_empty_database_finds_what_is_on_the_chain(
    count: int,
    store: Store,
    database: Database[dict[str, Any]],
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
) -> None:
    """No second transaction, and the record names the first one. A batch is found if all its reports ask."""
    digests = [digest() for _ in range(count)]
    notary = new_notary()
    for value in digests:
        store.anchors.request(value, notary.place)
    run(notary, evm, all_ended(store, *digests))
    before = anchor_of(store, digests[0])
    database.anchors.delete_many({})
    database.anchor_batches.delete_many({})
    for value in digests:
        store.anchors.request(value, notary.place)
    run(new_notary(), evm, all_ended(store, *digests))
    after = anchor_of(store, digests[0])
    assert (after.record, after.proof) == (before.record, before.proof)
    assert len(events(contract)) == 1


def test_what_another_notary_finished_meanwhile_is_not_done_again(
    store: Store,
    new_notary: NewNotary,
    contract: Contract,
    evm: EthereumTesterProvider,
    digest: Digest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow notary lists what waits; a fast one anchors all of it; the slow one must not begin then."""
    slow, fast = new_notary(), new_notary()
    digests = [digest() for _ in range(3)]
    for value in digests:
        store.anchors.request(value, slow.place)
    listed = store.anchors.waiting(slow.place)
    run(fast, evm, all_ended(store, *digests))
    monkeypatch.setattr(slow._anchors, "waiting", lambda place: listed[:2])
    slow.step()
    monkeypatch.undo()
    assert not slow.step()
    assert len(events(contract)) == 1
    assert all(anchor_of(store, value).state is AnchorState.CONFIRMED for value in digests)


def test_deleting_a_job_is_never_blocked_by_its_anchor(
    store: Store, new_notary: NewNotary, evm: EthereumTesterProvider, digest: Digest
) -> None:
    """A wish that nobody has begun goes with its job; what was sent stays, without the job."""
    notary, begun, waiting = new_notary(), digest(), digest()
    jobs = [completed_job(store, value) for value in (begun, waiting)]
    store.anchors.request(begun, notary.place, job_id=jobs[0].id)
    notary.step()
    store.anchors.request(waiting, notary.place, job_id=jobs[1].id)
    for job in jobs:
        store.jobs.delete(job.id)
    assert store.anchors.of(waiting) is None
    run(notary, evm, all_ended(store, begun))
    assert anchor_of(store, begun).state is AnchorState.CONFIRMED
