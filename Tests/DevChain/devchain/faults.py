"""Placeholder of the faults a test can switch on."""


class Faults:
    def __init__(self):
        self.active = {}

    def set(self, faults):
        self.active |= faults

    def clear(self):
        self.active = {}

    def get(self, name, default=None):
        return self.active.get(name, default)

    def before(self, request):
        return None

    def after(self, reply):
        return reply

    def batch(self, answers):
        return answers

    def around(self, method, params, methods):
        return methods.answer(method, params)

    def identity(self, identity, control):
        return identity
