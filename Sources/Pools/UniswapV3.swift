/// Uniswap V3's arithmetic, integer by integer.
///
/// Prices are token1 per token0 in raw units; a square root of a price is a Q64.96 number of 160 bits.
/// Source: Uniswap/v3-core contracts/libraries@d8b1c635, Solidity 0.7: sums and products wrap where the contract's do.
public enum UniswapV3 {}
