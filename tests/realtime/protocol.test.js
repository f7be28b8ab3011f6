// @ts-check
// The cases of the protocols' own test suites, on a host that says back what it hears.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Echo, PING_INTERVAL, PING_TIMEOUT, sleep } from "./echo.js";

/** @type {Echo} */
let echo;
before(async () => {
  echo = await Echo.start();
});
after(() => echo?.stop());

/** What opens a session tells. @param {string} packet @param {string[]} upgrades */
const isHandshake = (packet, upgrades) => {
  assert.equal(packet[0], "0");
  const { sid, ...rest } = JSON.parse(packet.slice(1));
  assert.equal(typeof sid, "string");
  assert.deepEqual(rest, { upgrades, pingInterval: PING_INTERVAL, pingTimeout: PING_TIMEOUT, maxPayload: 1_000_000 });
};

for (const at of ["engine.io", "socket.io"]) {
  describe(`sessions at /${at}/`, () => {
    it("open over both transports, and tell how", async () => {
      isHandshake(await (await echo.ask(at, "EIO=4&transport=polling")).text(), ["websocket"]);
      isHandshake(String(await echo.wire(at).hear()), []);
    });

    it("open neither by another version, transport nor method", async () => {
      for (const query of ["transport=polling", "EIO=abc&transport=polling", "EIO=4", "EIO=4&transport=abc"]) {
        assert.equal((await echo.ask(at, query)).status, 400, query);
      }
      for (const method of ["POST", "PUT"]) {
        assert.equal((await echo.ask(at, "EIO=4&transport=polling", { method })).status, 400, method);
      }
      for (const query of ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]) {
        await echo.wire(at, query).ends();
      }
    });

    it("live as long as each ping is answered", async () => {
      const polling = await echo.poll(at);
      for (let count = 0; count < 3; count += 1) {
        assert.equal(await (await polling.hear()).text(), "2");
        assert.equal((await polling.say("3")).status, 200);
      }
      const wire = echo.wire(at);
      await wire.hear();
      if (at === "socket.io") wire.say("40");
      for (let pings = 0; pings < 3; ) {
        if ((await wire.hear()) !== "2") continue;
        wire.say("3");
        pings += 1;
      }
    });

    it("end when no ping is answered", async () => {
      const polling = await echo.poll(at);
      // The first ping is sent at once: the session ends a timeout after it, whenever it is fetched.
      await sleep(PING_INTERVAL + PING_TIMEOUT);
      assert.equal((await polling.hear()).status, 400);
      const wire = echo.wire(at);
      const from = performance.now();
      await wire.ends();
      assert.ok(performance.now() - from >= PING_TIMEOUT / 2);
    });

    it("end when the client says so", async () => {
      const polling = await echo.poll(at);
      await (await polling.hear()).text();
      const waiting = polling.hear();
      await sleep(20);
      await polling.say("1");
      const heard = await waiting;
      assert.deepEqual([heard.status, await heard.text()], [200, "6"]);
      assert.equal((await polling.hear()).status, 400);
      const wire = echo.wire(at);
      await wire.hear();
      wire.say("1");
      await wire.ends();
    });

    it("end when they are asked for packets twice at once, and when one who waits goes away", async () => {
      const twice = await echo.poll(at);
      await (await twice.hear()).text();
      const waiting = twice.hear();
      await sleep(20);
      assert.ok((await twice.hear()).status >= 400);
      assert.equal(await (await waiting).text(), "1");
      assert.equal((await twice.hear()).status, 400);

      const left = await echo.poll(at);
      await (await left.hear()).text();
      const leaving = new AbortController();
      const gone = left.hear({ signal: leaving.signal }).catch(() => "gone");
      await sleep(20);
      leaving.abort();
      assert.equal(await gone, "gone");
      for (let tries = 0; tries < 20 && (await left.hear()).status !== 400; tries += 1) await sleep(20);
      assert.equal((await left.hear()).status, 400);
    });

    it("move to a WebSocket, and are nowhere else from then on", async () => {
      const polling = await echo.poll(at);
      const query = `EIO=4&transport=websocket&sid=${polling.sid}`;
      const wire = echo.wire(at, query);
      await wire.opened;
      wire.say("2probe");
      assert.equal(await wire.hear(), "3probe");
      // Whoever waits is sent away with nothing but what was due.
      const rest = (await (await polling.hear()).text()).split("\x1e");
      assert.deepEqual(rest.filter((packet) => packet !== "2" && packet !== "6"), []);
      wire.say("5");
      const [said, heard] = at === "socket.io" ? ["40", /^40\{/] : ["4hello", /^4hello$/];
      wire.say(/** @type {string} */ (said));
      assert.match(String(await wire.next()), /** @type {RegExp} */ (heard));
    });
  });
}

describe("Engine.IO", () => {
  const at = "engine.io";

  /** A session whose first ping is answered already. */
  const polling = async () => {
    const session = await echo.poll(at);
    assert.equal(await (await session.hear()).text(), "2");
    await session.say("3");
    return session;
  };

  it("carries text and bytes over polling, one packet and several", async () => {
    for (const body of ["4hello", "4one\x1e4two\x1e4three", "4hello\x1ebAQIDBA=="]) {
      const session = await polling();
      const posted = await session.say(body);
      assert.deepEqual([posted.status, await posted.text()], [200, "ok"]);
      assert.equal(await (await session.hear()).text(), body);
    }
  });

  it("carries text and bytes over a WebSocket", async () => {
    const wire = echo.wire(at);
    await wire.hear();
    wire.say("4hello");
    assert.equal(await wire.next(), "4hello");
    wire.say(Uint8Array.from([1, 2, 3, 4]));
    assert.deepEqual(await wire.next(), [1, 2, 3, 4]);
  });

  it("ends what sends no packet", async () => {
    const session = await polling();
    assert.equal((await session.say("abc")).status, 400);
    assert.equal((await session.hear()).status, 400);
    const wire = echo.wire(at);
    await wire.hear();
    wire.say("abc");
    await wire.ends();
  });

  it("goes on over the WebSocket that a session moved to, whoever else tries", async () => {
    const session = await polling();
    const query = `EIO=4&transport=websocket&sid=${session.sid}`;
    const wire = echo.wire(at, query);
    await wire.opened;
    wire.say("2probe");
    assert.equal(await wire.hear(), "3probe");
    assert.equal(await (await session.hear()).text(), "6");
    wire.say("5");
    wire.say("4hello");
    assert.equal(await wire.next(), "4hello");
    assert.equal((await session.hear()).status, 400);
    await echo.wire(at, query).ends();
    wire.say("4still here");
    assert.equal(await wire.next(), "4still here");
  });
});

describe("Socket.IO", () => {
  const at = "socket.io";

  /** A connection to `/`, as it is after its greeting. */
  const connected = async () => {
    const wire = echo.wire(at);
    await wire.hear();
    wire.say("40");
    assert.match(String(await wire.next()), /^40\{/);
    assert.equal(await wire.next(), '42["auth",{}]');
    return wire;
  };

  it("connects to namespaces, with and without proof", async () => {
    for (const [space, proof] of [["", ""], ["", '{"token":"123"}'], ["/custom,", ""], ["/custom,", '{"token":"abc"}']]) {
      const wire = echo.wire(at);
      await wire.hear();
      wire.say(`40${space}${proof}`);
      const answer = String(await wire.next());
      assert.ok(answer.startsWith(`40${space}{`), answer);
      const { sid, ...others } = JSON.parse(answer.slice(2 + space.length));
      assert.deepEqual([typeof sid, others], ["string", {}]);
      assert.equal(await wire.next(), `42${space}["auth",${proof || "{}"}]`);
    }
  });

  it("connects to nothing that is not there", async () => {
    const wire = echo.wire(at);
    await wire.hear();
    wire.say("40/random");
    assert.equal(await wire.next(), '44/random,{"message":"Invalid namespace"}');
  });

  it("ends what connects to nothing, or sends no packet for it", async () => {
    const silent = echo.wire(at);
    const pings = (async () => {
      for (;;) if ((await silent.hear()) === "2") silent.say("3");
    })();
    pings.catch(() => {});
    await silent.ends();
    const wrong = echo.wire(at);
    await wrong.hear();
    wrong.say("4abc");
    await wrong.ends();
  });

  it("leaves one namespace and stays in another", async () => {
    const wire = await connected();
    wire.say("40/custom");
    assert.match(String(await wire.next()), /^40\/custom,\{/);
    assert.equal(await wire.next(), '42/custom,["auth",{}]');
    wire.say("41/custom");
    wire.say('42["message","to all that is left"]');
    assert.equal(await wire.next(), '42["message-back","to all that is left"]');
    wire.say("41");
    assert.equal(await wire.hear(), "2", "without a namespace, the session goes on");
  });

  it("carries any number of arguments, bytes too", async () => {
    const wire = await connected();
    wire.say('42["message",1,"2",{"3":[true]}]');
    assert.equal(await wire.next(), '42["message-back",1,"2",{"3":[true]}]');
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    const bytes = [[1, 2, 3], [4, 5, 6]];
    wire.say(`452-["message",${places}]`);
    for (const part of bytes) wire.say(Uint8Array.from(part));
    assert.equal(await wire.next(), `452-["message-back",${places}]`);
    for (const part of bytes) assert.deepEqual(await wire.next(), part);
  });

  it("acknowledges by number, bytes too", async () => {
    const wire = await connected();
    wire.say('42456["message-with-ack",1,"2",{"3":[false]}]');
    assert.equal(await wire.next(), '43456[1,"2",{"3":[false]}]');
    const places = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    wire.say(`452-789["message-with-ack",${places}]`);
    for (const part of [[1, 2, 3], [4, 5, 6]]) wire.say(Uint8Array.from(part));
    assert.equal(await wire.next(), `462-789[${places}]`);
    assert.deepEqual([await wire.next(), await wire.next()], [[1, 2, 3], [4, 5, 6]]);
  });

  it("ends what sends packets of no kind, without a list, or with a number that is none", async () => {
    for (const packet of ["4abc", "42{}", '42abc["message-with-ack",1]']) {
      const wire = await connected();
      wire.say(packet);
      await wire.ends();
    }
  });
});
