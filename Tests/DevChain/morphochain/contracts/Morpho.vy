# pragma version 0.4.3
# Written for tests from reading morpho-org/morpho-blue src/Morpho.sol (v1.0.0): the same numbers in the same storage, whose
# slots a library reads and writes. Callbacks, flash loans, signatures and the lists of allowed models are left out.

struct MarketParams:
    loanToken: address
    collateralToken: address
    oracle: address
    irm: address
    lltv: uint256

struct Market:
    totalSupplyAssets: uint128
    totalSupplyShares: uint128
    totalBorrowAssets: uint128
    totalBorrowShares: uint128
    lastUpdate: uint128
    fee: uint128

interface Irm:
    def borrowRate(params: MarketParams, market: Market) -> uint256: nonpayable

interface Oracle:
    def price() -> uint256: view

event CreateMarket:
    id: indexed(bytes32)
    marketParams: MarketParams

event Supply:
    id: indexed(bytes32)
    caller: indexed(address)
    onBehalf: indexed(address)
    assets: uint256
    shares: uint256

event Withdraw:
    id: indexed(bytes32)
    caller: address
    onBehalf: indexed(address)
    receiver: indexed(address)
    assets: uint256
    shares: uint256

event Borrow:
    id: indexed(bytes32)
    caller: address
    onBehalf: indexed(address)
    receiver: indexed(address)
    assets: uint256
    shares: uint256

event Repay:
    id: indexed(bytes32)
    caller: indexed(address)
    onBehalf: indexed(address)
    assets: uint256
    shares: uint256

event SupplyCollateral:
    id: indexed(bytes32)
    caller: indexed(address)
    onBehalf: indexed(address)
    assets: uint256

event WithdrawCollateral:
    id: indexed(bytes32)
    caller: address
    onBehalf: indexed(address)
    receiver: indexed(address)
    assets: uint256

event Liquidate:
    id: indexed(bytes32)
    caller: indexed(address)
    borrower: indexed(address)
    repaidAssets: uint256
    repaidShares: uint256
    seizedAssets: uint256
    badDebtAssets: uint256
    badDebtShares: uint256

event AccrueInterest:
    id: indexed(bytes32)
    prevBorrowRate: uint256
    interest: uint256
    feeShares: uint256

event SetAuthorization:
    caller: indexed(address)
    authorizer: indexed(address)
    authorized: indexed(address)
    newIsAuthorized: bool

WAD: constant(uint256) = 10**18
SCALE: constant(uint256) = 10**36
MOST: constant(uint256) = 2**128 - 1

# In code, so that storage is the real one's.
LIBRARY: immutable(address)


@deploy
def __init__(library: address, owner: address, feeRecipient: address):
    LIBRARY = library
    self._store(empty(bytes32), convert(convert(owner, uint256), bytes32))
    self._store(convert(convert(1, uint256), bytes32), convert(convert(feeRecipient, uint256), bytes32))


# Storage


@internal
def _load(slot: uint256) -> uint256:
    answer: Bytes[32] = raw_call(LIBRARY, abi_encode(slot), max_outsize=32, is_delegate_call=True)
    return convert(answer, uint256)


@internal
def _store(slot: bytes32, word: bytes32):
    raw_call(LIBRARY, concat(slot, word, b"\x01"), is_delegate_call=True)


@internal
def _put(slot: uint256, word: uint256):
    self._store(convert(slot, bytes32), convert(word, bytes32))


@pure
@internal
def _slot(key: bytes32, at: uint256) -> uint256:
    return convert(keccak256(concat(key, convert(at, bytes32))), uint256)


@pure
@internal
def _word(account: address) -> bytes32:
    return convert(convert(account, uint256), bytes32)


@pure
@internal
def _id(params: MarketParams) -> bytes32:
    return keccak256(abi_encode(params))


@internal
def _market(id: bytes32) -> uint256[6]:
    first: uint256 = self._slot(id, 3)
    a: uint256 = self._load(first)
    b: uint256 = self._load(first + 1)
    c: uint256 = self._load(first + 2)
    return [a & MOST, a >> 128, b & MOST, b >> 128, c & MOST, c >> 128]


@internal
def _putMarket(id: bytes32, m: uint256[6]):
    for word: uint256 in m:
        assert word <= MOST, "max uint128 exceeded"
    first: uint256 = self._slot(id, 3)
    self._put(first, m[0] | (m[1] << 128))
    self._put(first + 1, m[2] | (m[3] << 128))
    self._put(first + 2, m[4] | (m[5] << 128))


@internal
def _position(id: bytes32, user: address) -> uint256:
    return self._slot(self._word(user), self._slot(id, 2))


@internal
def _putHolding(slot: uint256, shares: uint256, collateral: uint256):
    assert shares <= MOST and collateral <= MOST, "max uint128 exceeded"
    self._put(slot, shares | (collateral << 128))


# Arithmetic


@pure
@internal
def _up(x: uint256, y: uint256, d: uint256) -> uint256:
    return (x * y + (d - 1)) // d


@pure
@internal
def _toSharesDown(assets: uint256, totalAssets: uint256, totalShares: uint256) -> uint256:
    return assets * (totalShares + 10**6) // (totalAssets + 1)


@pure
@internal
def _toAssetsDown(shares: uint256, totalAssets: uint256, totalShares: uint256) -> uint256:
    return shares * (totalAssets + 1) // (totalShares + 10**6)


@pure
@internal
def _toSharesUp(assets: uint256, totalAssets: uint256, totalShares: uint256) -> uint256:
    return self._up(assets, totalShares + 10**6, totalAssets + 1)


@pure
@internal
def _toAssetsUp(shares: uint256, totalAssets: uint256, totalShares: uint256) -> uint256:
    return self._up(shares, totalAssets + 1, totalShares + 10**6)


@pure
@internal
def _floorSub(x: uint256, y: uint256) -> uint256:
    return x - y if x > y else 0


@internal
def _accrue(params: MarketParams, id: bytes32) -> uint256[6]:
    m: uint256[6] = self._market(id)
    assert m[4] != 0, "market not created"
    elapsed: uint256 = block.timestamp - m[4]
    if elapsed == 0:
        return m
    if params.irm != empty(address):
        rate: uint256 = extcall Irm(params.irm).borrowRate(params, self._struct(m))
        first: uint256 = rate * elapsed
        second: uint256 = first * first // (2 * WAD)
        third: uint256 = second * first // (3 * WAD)
        interest: uint256 = m[2] * (first + second + third) // WAD
        m[2] += interest
        m[0] += interest
        feeShares: uint256 = 0
        if m[5] != 0:
            feeAmount: uint256 = interest * m[5] // WAD
            feeShares = self._toSharesDown(feeAmount, m[0] - feeAmount, m[1])
            recipient: address = convert(convert(self._load(1), uint160), address)
            place: uint256 = self._position(id, recipient)
            self._put(place, self._load(place) + feeShares)
            m[1] += feeShares
        log AccrueInterest(id=id, prevBorrowRate=rate, interest=interest, feeShares=feeShares)
    m[4] = block.timestamp
    self._putMarket(id, m)
    return m


@pure
@internal
def _struct(m: uint256[6]) -> Market:
    return Market(
        totalSupplyAssets=convert(m[0], uint128), totalSupplyShares=convert(m[1], uint128),
        totalBorrowAssets=convert(m[2], uint128), totalBorrowShares=convert(m[3], uint128),
        lastUpdate=convert(m[4], uint128), fee=convert(m[5], uint128))


@view
@internal
def _healthy(params: MarketParams, m: uint256[6], shares: uint256, collateral: uint256, price: uint256) -> bool:
    borrowed: uint256 = self._toAssetsUp(shares, m[2], m[3])
    maxBorrow: uint256 = collateral * price // SCALE * params.lltv // WAD
    return maxBorrow >= borrowed


@internal
def _requireHealthy(params: MarketParams, m: uint256[6], holding: uint256):
    if holding & MOST != 0:
        price: uint256 = staticcall Oracle(params.oracle).price()
        assert self._healthy(params, m, holding & MOST, holding >> 128, price), "insufficient collateral"


@internal
def _requireAuthorized(account: address):
    allowed: uint256 = self._load(self._slot(self._word(msg.sender), self._slot(self._word(account), 6)))
    assert msg.sender == account or allowed != 0, "unauthorized"


@internal
def _send(token: address, to: address, amount: uint256):
    ok: bool = raw_call(
        token, abi_encode(to, amount, method_id=method_id("transfer(address,uint256)")), revert_on_failure=False)
    assert ok, "transfer reverted"


@internal
def _pull(token: address, amount: uint256):
    data: Bytes[100] = abi_encode(msg.sender, self, amount, method_id=method_id("transferFrom(address,address,uint256)"))
    ok: bool = raw_call(token, data, revert_on_failure=False)
    assert ok, "transferFrom reverted"


# Markets


@external
def createMarket(params: MarketParams):
    id: bytes32 = self._id(params)
    m: uint256[6] = self._market(id)
    assert m[4] == 0, "market already created"
    m[4] = block.timestamp
    self._putMarket(id, m)
    first: uint256 = self._slot(id, 8)
    self._put(first, convert(params.loanToken, uint256))
    self._put(first + 1, convert(params.collateralToken, uint256))
    self._put(first + 2, convert(params.oracle, uint256))
    self._put(first + 3, convert(params.irm, uint256))
    self._put(first + 4, params.lltv)
    log CreateMarket(id=id, marketParams=params)
    if params.irm != empty(address):
        extcall Irm(params.irm).borrowRate(params, self._struct(m))


@external
def setFee(params: MarketParams, newFee: uint256):
    id: bytes32 = self._id(params)
    m: uint256[6] = self._accrue(params, id)
    m[5] = newFee
    self._putMarket(id, m)


@external
def accrueInterest(params: MarketParams):
    self._accrue(params, self._id(params))


@external
def setAuthorization(authorized: address, newIsAuthorized: bool):
    slot: uint256 = self._slot(self._word(authorized), self._slot(self._word(msg.sender), 6))
    self._put(slot, convert(newIsAuthorized, uint256))
    log SetAuthorization(
        caller=msg.sender, authorizer=msg.sender, authorized=authorized, newIsAuthorized=newIsAuthorized)


# Lenders


@external
def supply(params: MarketParams, assets_: uint256, shares_: uint256, onBehalf: address, data: Bytes[64]) -> (uint256, uint256):
    id: bytes32 = self._id(params)
    assets: uint256 = assets_
    shares: uint256 = shares_
    assert (assets == 0) != (shares == 0), "inconsistent input"
    m: uint256[6] = self._accrue(params, id)
    if assets > 0:
        shares = self._toSharesDown(assets, m[0], m[1])
    else:
        assets = self._toAssetsUp(shares, m[0], m[1])
    place: uint256 = self._position(id, onBehalf)
    self._put(place, self._load(place) + shares)
    m[1] += shares
    m[0] += assets
    self._putMarket(id, m)
    log Supply(id=id, caller=msg.sender, onBehalf=onBehalf, assets=assets, shares=shares)
    self._pull(params.loanToken, assets)
    return assets, shares


@external
def withdraw(params: MarketParams, assets_: uint256, shares_: uint256, onBehalf: address, receiver: address) -> (uint256, uint256):
    id: bytes32 = self._id(params)
    assets: uint256 = assets_
    shares: uint256 = shares_
    assert (assets == 0) != (shares == 0), "inconsistent input"
    self._requireAuthorized(onBehalf)
    m: uint256[6] = self._accrue(params, id)
    if assets > 0:
        shares = self._toSharesUp(assets, m[0], m[1])
    else:
        assets = self._toAssetsDown(shares, m[0], m[1])
    place: uint256 = self._position(id, onBehalf)
    self._put(place, self._load(place) - shares)
    m[1] -= shares
    m[0] -= assets
    assert m[2] <= m[0], "insufficient liquidity"
    self._putMarket(id, m)
    log Withdraw(id=id, caller=msg.sender, onBehalf=onBehalf, receiver=receiver, assets=assets, shares=shares)
    self._send(params.loanToken, receiver, assets)
    return assets, shares


# Borrowers


@external
def borrow(params: MarketParams, assets_: uint256, shares_: uint256, onBehalf: address, receiver: address) -> (uint256, uint256):
    id: bytes32 = self._id(params)
    assets: uint256 = assets_
    shares: uint256 = shares_
    assert (assets == 0) != (shares == 0), "inconsistent input"
    self._requireAuthorized(onBehalf)
    m: uint256[6] = self._accrue(params, id)
    if assets > 0:
        shares = self._toSharesUp(assets, m[2], m[3])
    else:
        assets = self._toAssetsDown(shares, m[2], m[3])
    place: uint256 = self._position(id, onBehalf) + 1
    holding: uint256 = self._load(place)
    self._putHolding(place, (holding & MOST) + shares, holding >> 128)
    m[3] += shares
    m[2] += assets
    self._putMarket(id, m)
    self._requireHealthy(params, m, self._load(place))
    assert m[2] <= m[0], "insufficient liquidity"
    log Borrow(id=id, caller=msg.sender, onBehalf=onBehalf, receiver=receiver, assets=assets, shares=shares)
    self._send(params.loanToken, receiver, assets)
    return assets, shares


@external
def repay(params: MarketParams, assets_: uint256, shares_: uint256, onBehalf: address, data: Bytes[64]) -> (uint256, uint256):
    id: bytes32 = self._id(params)
    assets: uint256 = assets_
    shares: uint256 = shares_
    assert (assets == 0) != (shares == 0), "inconsistent input"
    m: uint256[6] = self._accrue(params, id)
    if assets > 0:
        shares = self._toSharesDown(assets, m[2], m[3])
    else:
        assets = self._toAssetsUp(shares, m[2], m[3])
    place: uint256 = self._position(id, onBehalf) + 1
    holding: uint256 = self._load(place)
    self._putHolding(place, (holding & MOST) - shares, holding >> 128)
    m[3] -= shares
    m[2] = self._floorSub(m[2], assets)
    self._putMarket(id, m)
    log Repay(id=id, caller=msg.sender, onBehalf=onBehalf, assets=assets, shares=shares)
    self._pull(params.loanToken, assets)
    return assets, shares


@external
def supplyCollateral(params: MarketParams, assets: uint256, onBehalf: address, data: Bytes[64]):
    id: bytes32 = self._id(params)
    assert assets != 0, "zero assets"
    assert self._market(id)[4] != 0, "market not created"
    place: uint256 = self._position(id, onBehalf) + 1
    holding: uint256 = self._load(place)
    self._putHolding(place, holding & MOST, (holding >> 128) + assets)
    log SupplyCollateral(id=id, caller=msg.sender, onBehalf=onBehalf, assets=assets)
    self._pull(params.collateralToken, assets)


@external
def withdrawCollateral(params: MarketParams, assets: uint256, onBehalf: address, receiver: address):
    id: bytes32 = self._id(params)
    assert assets != 0, "zero assets"
    self._requireAuthorized(onBehalf)
    m: uint256[6] = self._accrue(params, id)
    place: uint256 = self._position(id, onBehalf) + 1
    holding: uint256 = self._load(place)
    self._putHolding(place, holding & MOST, (holding >> 128) - assets)
    self._requireHealthy(params, m, self._load(place))
    log WithdrawCollateral(id=id, caller=msg.sender, onBehalf=onBehalf, receiver=receiver, assets=assets)
    self._send(params.collateralToken, receiver, assets)


@external
def liquidate(params: MarketParams, borrower: address, seized_: uint256, repaid_: uint256, data: Bytes[64]) -> (uint256, uint256):
    id: bytes32 = self._id(params)
    seized: uint256 = seized_
    repaidShares: uint256 = repaid_
    assert (seized == 0) != (repaidShares == 0), "inconsistent input"
    m: uint256[6] = self._accrue(params, id)
    place: uint256 = self._position(id, borrower) + 1
    holding: uint256 = self._load(place)
    price: uint256 = staticcall Oracle(params.oracle).price()
    assert not self._healthy(params, m, holding & MOST, holding >> 128, price), "position is healthy"
    factor: uint256 = min(115 * 10**16, WAD * WAD // (WAD - 3 * 10**17 * (WAD - params.lltv) // WAD))
    if seized > 0:
        quoted: uint256 = self._up(seized, price, SCALE)
        repaidShares = self._toSharesUp(self._up(quoted, WAD, factor), m[2], m[3])
    else:
        seized = self._toAssetsDown(repaidShares, m[2], m[3]) * factor // WAD * SCALE // price
    repaidAssets: uint256 = self._toAssetsUp(repaidShares, m[2], m[3])
    shares: uint256 = (holding & MOST) - repaidShares
    m[3] -= repaidShares
    m[2] = self._floorSub(m[2], repaidAssets)
    collateral: uint256 = (holding >> 128) - seized
    badShares: uint256 = 0
    badAssets: uint256 = 0
    if collateral == 0:
        badShares = shares
        badAssets = min(m[2], self._toAssetsUp(badShares, m[2], m[3]))
        m[2] -= badAssets
        m[0] -= badAssets
        m[3] -= badShares
        shares = 0
    self._putMarket(id, m)
    self._putHolding(place, shares, collateral)
    log Liquidate(
        id=id, caller=msg.sender, borrower=borrower, repaidAssets=repaidAssets, repaidShares=repaidShares,
        seizedAssets=seized, badDebtAssets=badAssets, badDebtShares=badShares)
    self._send(params.collateralToken, msg.sender, seized)
    self._pull(params.loanToken, repaidAssets)
    return seized, repaidAssets


# What is read


@external
def owner() -> address:
    return convert(convert(self._load(0), uint160), address)


@external
def feeRecipient() -> address:
    return convert(convert(self._load(1), uint160), address)


@external
def market(id: bytes32) -> (uint128, uint128, uint128, uint128, uint128, uint128):
    m: Market = self._struct(self._market(id))
    return m.totalSupplyAssets, m.totalSupplyShares, m.totalBorrowAssets, m.totalBorrowShares, m.lastUpdate, m.fee


@external
def position(id: bytes32, user: address) -> (uint256, uint128, uint128):
    place: uint256 = self._position(id, user)
    holding: uint256 = self._load(place + 1)
    return self._load(place), convert(holding & MOST, uint128), convert(holding >> 128, uint128)


@external
def idToMarketParams(id: bytes32) -> (address, address, address, address, uint256):
    first: uint256 = self._slot(id, 8)
    words: uint256[4] = [self._load(first), self._load(first + 1), self._load(first + 2), self._load(first + 3)]
    return convert(convert(words[0], uint160), address), convert(convert(words[1], uint160), address), convert(convert(words[2], uint160), address), convert(convert(words[3], uint160), address), self._load(first + 4)


@external
def isAuthorized(authorizer: address, authorized: address) -> bool:
    return self._load(self._slot(self._word(authorized), self._slot(self._word(authorizer), 6))) != 0


@external
def extSloads(slots: DynArray[bytes32, 600]) -> DynArray[bytes32, 600]:
    res: DynArray[bytes32, 600] = []
    for slot: bytes32 in slots:
        res.append(convert(self._load(convert(slot, uint256)), bytes32))
    return res
