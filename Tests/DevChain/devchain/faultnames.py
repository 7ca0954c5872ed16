"""The faults by name, each with what its value means: what `--faults list` prints."""

from . import bodies, limits

NAMES = {
    "seed": "of all randomness below (default 1)",
    # HTTP
    "latencyMs": "milliseconds before each answer, or [least, most]",
    "errorRate": "probability of HTTP 500",
    "rateLimit": "requests a second beyond which HTTP 429 is answered; rateLimitStyle \"json\" answers -32005 instead",
    "rateLimitStyle": "http or json",
    "retryAfter": "what Retry-After says with a 429: seconds or a date (default 1)",
    "dropConnection": "probability that a connection is closed without an answer",
    "htmlBody": "probability of an HTML page instead of JSON",
    "garbage": "probability of random bytes instead of JSON",
    "truncatedBody": "probability that a body ends early",
    "slowBody": "bytes a second at which bodies are dripped out",
    "deepJson": "answers are arrays nested so deep (true: 100000); also deepJSON",
    "hugeBody": "gigabytes of an answer that never closes (true: without end), made while it is sent",
    "hugeBodyKind": "what it is made of: " + ", ".join(bodies.KINDS) + " (default string)",
    "gzipBomb": "megabytes to which every answer inflates (true: without end)",
    # Batches
    "dropBatchMembers": "probability that a member of a batch is not answered",
    "duplicateBatchMembers": "probability that a member of a batch is answered twice",
    "shuffleBatch": "answers of a batch in random order",
    "swapIds": "probability that two members of a batch swap their ids",
    "wrongIds": "probability that an answer carries another id",
    "stringIds": "ids come back as strings",
    "batchLimit": "most members of a batch",
    "noBatch": "batches are refused",
    # Logs
    "rangeLimit": "most blocks of one eth_getLogs",
    "rangeLimitText": "whose words: " + ", ".join(limits.RANGE_TEXTS),
    "resultLimit": "most logs of one eth_getLogs",
    "resultLimitText": "whose words: " + ", ".join(limits.RESULT_TEXTS),
    "truncateLogs": "silently ends every eth_getLogs after so many logs",
    "dropLogs": "probability with which each log is silently left out of eth_getLogs",
    "omitLog": "one log is never in eth_getLogs nor announced; true, or {address, topic0, blockNumber, fromBlock, logIndex, count}",
    "dupLog": "one log comes twice; true, or an object as for omitLog",
    "lieLog": "one log is altered; as for omitLog, and what: data, topic or address, receipts: true to alter its receipt too",
    "noBlockReceipts": "eth_getBlockReceipts does not exist",
    # Calls and state
    "noStateOverride": "a third parameter of eth_call is an error",
    "dropOverride": "a third parameter of eth_call is ignored",
    "noEip1898": "block objects are refused",
    "noMulticall": "no code at Multicall3's address",
    "noProof": "eth_getProof does not exist",
    "returnCap": "most bytes that eth_call may return; returnCapText \"erigon\" or \"bor\"",
    "returnCapText": "erigon or bor",
    "callGasCap": "most gas of one eth_call",
    "lieStorage": "probability that a byte of an eth_call or eth_getStorageAt result is another, or lies told inside the EVM: "
                  "{address, slot, value or xor, proof}, {to, selector, argument, word, value or xor}, {slots: share}, or a list",
    # Chain
    "staleHead": "the newest so many blocks are not known yet",
    "wrongHead": "probability that a block by number carries another hash",
    "lieHeader": "probability, for each block, that one field differs while the hash stays; or {field, number}",
    "lieBlockHash": "headers of another chain, sound in themselves, from the head (true), from a block number, or {from, field}",
    "wrongChain": "eth_chainId and net_version are another chain's: true or its id",
    "wrongChainId": "after so many HTTP requests eth_chainId is another",
    # WebSocket
    "wsDropAfter": "the connection is cut after so many messages",
    "wsClose": "close code sent after the first answer; or {code, after, reason}",
    "wsSilent": "nothing is ever sent after the handshake; \"notifications\": answers but no notifications",
    "wsSkipHeads": "probability that a new head is never announced",
    "wsNotifyBeforeReply": "a subscription's first notification comes before its id is known",
    "wsBadFrame": "kind of the next frame: masked, rsv, oversize, control, utf8, continuation, opcode; or {kind, after}",
    "wsNoUpgrade": "the WebSocket handshake is refused; \"accept\": answered with a wrong Sec-WebSocket-Accept",
}
ALIASES = {"deepJSON": "deepJson"}
