"""An HTTP answer and how to deliver it."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Reply:
    """What the server is to send: a body, or a stream that is made while it is sent."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict = field(default_factory=dict)
    delay: float = 0.0
    rate: float = 0.0
    close: bool = False
    drop: bool = False
    declared_length: int | None = None
    stream: Iterator[bytes] | None = None
    counted: bool = True
