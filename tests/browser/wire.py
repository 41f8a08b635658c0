"""A socket that a test can cut, and mend, as a tunnel does."""

import json
import re


class Wire:
    """Routes the sockets of a page or of a whole context."""

    def __init__(self, owner):
        self.is_down = False
        self.swallows_acks = False
        self.open = []
        owner.route_web_socket(re.compile(r"/socket$"), self._take)

    def _take(self, page_side):
        if self.is_down:
            page_side.close(code=1012)
            return
        server_side = page_side.connect_to_server()
        self.open.append((page_side, server_side))

        def from_server(message):
            if self.swallows_acks and json.loads(message)["t"] == "ack":
                self.cut()
            elif not self.is_down:
                page_side.send(message)

        server_side.on_message(from_server)

    def cut(self):
        self.is_down = True
        for page_side, server_side in self.open:
            page_side.close(code=1012)
            server_side.close()
        self.open = []

    def mend(self, *pages):
        """The pages try again at once, as they do when the machine is back on a network."""
        self.is_down = self.swallows_acks = False
        for page in pages:
            page.evaluate("dispatchEvent(new Event('online'))")
