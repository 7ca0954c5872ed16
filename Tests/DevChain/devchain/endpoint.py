"""One port of the node: the same chain as the others, with its own faults, limits and statistics."""

from .artifacts import MULTICALL3
from .dispatch import Dispatcher
from .faults import Faults
from .hub import Hub
from .methods import Methods
from .view import View


class Endpoint:
    """What answers on one port."""

    MULTICALL3 = MULTICALL3

    def __init__(self, node, index: int):
        self.index = index
        self.view = View(node.chain)
        self.methods = Methods(self.view, node.options.call_gas_cap)
        self.faults = Faults(self)
        self.dispatcher = Dispatcher(self)
        self.hub = Hub(self)
        self.url = None
