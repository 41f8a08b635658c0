"""The least that anybody can do for a room: a bare Starlette that acknowledges a turn and passes it to all who are
there, in frames as long as the service's. Stores nothing, draws nothing, checks nothing."""

import json
import socket
import sys
from collections import defaultdict

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

ROOMS: dict[str, set[WebSocket]] = defaultdict(set)
HTML = "<li class='turn'>" + "x" * 600 + "</li>"


async def room(socket: WebSocket) -> None:
    here = ROOMS[socket.path_params["id"]]
    await socket.accept()
    here.add(socket)
    seq = 0
    try:
        while True:
            frame = json.loads(await socket.receive_text())
            if frame["t"] == "hello":
                await socket.send_text(json.dumps({"t": "welcome", "heads": {"main": 0}}))
                continue
            seq += 1
            eid = f"{seq:032d}"
            answer = {"t": "ack", "cmd": frame["cmd"], "seq": seq, "eid": eid, "dup": False}
            await socket.send_text(json.dumps(answer, separators=(",", ":")))
            event = {"t": "ev", "st": "main", "seq": seq, "eid": eid, "at": 0}
            event |= {"type": "turn.committed", "actor": eid, "cmd": frame["cmd"]}
            event |= {"body": frame["body"], "html": [{"target": "#turns", "html": HTML}]}
            text = json.dumps(event, separators=(",", ":"))
            for other in tuple(here):
                await other.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        here.discard(socket)


class Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        sys.stdout.write(f"ready at http://{host}:{port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    app = Starlette(routes=[WebSocketRoute("/live/{id}/socket", room)])
    config = uvicorn.Config(
        app,
        port=0,
        ws="websockets-sansio",
        log_level="error",
        ws_per_message_deflate=False,
    )
    Server(config).run()
