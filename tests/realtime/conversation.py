"""A conversation over Socket.IO whose connections break: conversation.py ORIGIN TOKEN TRANSPORT

Writes as its last line what each side heard, as JSON.
"""

import asyncio
import json
import random
import sys
import uuid

import socketio

ORIGIN, TOKEN, TRANSPORT = sys.argv[1:]
MESSAGES = 20


class Party:
    """One side, which goes on where it was whenever it is connected again."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.client = socketio.AsyncClient(reconnection_delay=0.05, reconnection_delay_max=0.2)
        self.heard = []
        self.client.on("connect", self.connected, namespace=namespace)

    def hear(self, data):
        message = data["message"]
        if not self.heard or message["seq"] > self.heard[-1][0]:
            self.heard.append([message["seq"], message["content"]])

    async def connected(self):
        """What is to be said with each connection."""

    async def open(self, auth=None):
        await self.client.connect(ORIGIN, namespaces=[self.namespace], transports=[TRANSPORT], auth=auth)

    async def ask(self, event, payload):
        return await self.client.call(event, payload, namespace=self.namespace, timeout=5)

    async def insist(self, event, payload):
        payload = {**payload, "clientMessageId": str(uuid.uuid4())}
        for _ in range(60):
            try:
                answer = await self.client.call(event, payload, namespace=self.namespace, timeout=1.5)
            except Exception:
                await asyncio.sleep(0.1)
                continue
            if answer["success"]:
                return answer["data"]
            assert answer["error"]["code"] in ("UNAUTHENTICATED", "CONFLICT", "UNAVAILABLE"), answer
            await asyncio.sleep(0.1)
        raise RuntimeError(f"{event} was never acknowledged")

    async def break_transport(self):
        """As a lost network does; the client comes back by itself."""
        engine = self.client.eio
        if TRANSPORT == "websocket" and engine.ws:
            await engine.ws.close()
        elif TRANSPORT == "polling" and engine.http and engine.state == "connected":
            await engine.http.close()


class Agent(Party):
    def __init__(self):
        super().__init__("/agent")
        self.last = None
        self.client.on("*", self.event, namespace="/agent")

    def auth(self):
        return {"token": TOKEN, **({"lastEventId": self.last} if self.last is not None else {})}

    def event(self, name, *data):
        data = data[0] if data else {}
        if name == "auth_success" and self.last is None:
            self.last = data["lastEventId"]
        if "eventId" in data:
            assert data["eventId"] > self.last, (name, data["eventId"], self.last)
            self.last = data["eventId"]
        if name in ("customer_message", "message_sent"):
            self.hear(data)


class Customer(Party):
    def __init__(self):
        super().__init__("/customer")
        self.session = None
        self.client.on("agent_message", self.hear, namespace="/customer")
        self.client.on("customer_message", self.hear, namespace="/customer")

    async def connected(self):
        if self.session:
            await self.client.emit("customer_connect", {"sessionId": self.session}, namespace="/customer")
            await self.client.emit("resume", {"lastSeq": self.heard[-1][0]}, namespace="/customer")


async def main():
    agent, customer = Agent(), Customer()
    await agent.open(auth=agent.auth)
    await customer.open()
    for _ in range(200):
        if agent.last is not None:
            break
        await asyncio.sleep(0.05)
    opened = (await customer.ask("customer_connect", {"initialMessage": "Hello from Python"}))["data"]
    customer.session, ticket = opened["sessionId"], opened["ticketId"]
    for message in opened["messages"]:
        customer.hear({"message": message})
    is_over = False

    async def break_connections():
        while not is_over:
            await asyncio.sleep(0.2 + random.random() / 2)
            await random.choice([agent, customer]).break_transport()

    async def talk(party, event, more):
        for number in range(MESSAGES):
            await party.insist(event, {"content": f"{party.namespace} {number}", **more})

    breaking = asyncio.create_task(break_connections())
    await asyncio.gather(talk(customer, "customer_message", {}), talk(agent, "send_message", {"ticketId": ticket}))
    is_over = True
    await breaking
    for _ in range(200):
        if agent.heard and customer.heard and agent.heard[-1][0] == customer.heard[-1][0] and len(customer.heard) > 2 * MESSAGES:
            break
        await asyncio.sleep(0.1)
    print(json.dumps({"ticketId": ticket, "agent": agent.heard, "customer": customer.heard}))
    sys.stdout.flush()
    await asyncio.gather(agent.client.disconnect(), customer.client.disconnect())


asyncio.run(main())
