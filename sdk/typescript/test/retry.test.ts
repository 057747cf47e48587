import { randomBytes } from "node:crypto";
import { APIError, ConnectionError, IdempotencyConflictError, RateLimitedError, TimeoutError } from "@humandispatch/sdk";
import { expect, inject, test } from "vitest";
import { proxy, type Seen } from "./proxy.js";
import { booked, connect, podcast, quoted, recordings } from "./world.js";

const keys = (seen: Seen[]) => seen.map((s) => s.headers["idempotency-key"]);

test("a lost answer is asked for again under the same key, and the task is there once", async () => {
  await using between = await proxy(inject("baseUrl"), (n) => (n < 2 ? "lose" : "pass"));
  const body = podcast();
  const task = await connect({ baseUrl: between.url }).tasks.create(body);

  expect(between.seen).toHaveLength(3);
  expect(new Set(keys(between.seen)).size).toBe(1);
  const same = [];
  for await (const other of connect().tasks.list({ limit: 100 })) if (other.title === body.title) same.push(other.id);
  expect(same).toEqual([task.id]);
});

test("money moves once when every answer is lost the first time", async () => {
  const lost = new Set<string>();
  await using between = await proxy(inject("baseUrl"), (_, { method, path, headers }) => {
    const call = `${method} ${path} ${headers["idempotency-key"]}`;
    if (lost.has(call)) return "pass";
    lost.add(call);
    return "lose";
  });
  const { booking, person } = await booked(connect({ baseUrl: between.url }));
  const held = [];
  for await (const entry of connect().money.listEntries({ limit: 100 })) if (JSON.stringify(entry).includes(booking.id)) held.push(entry);
  expect(held.filter((entry) => entry.amount < 0)).toHaveLength(1);
  expect((await person.client.quoteRequests.list()).data).toHaveLength(1);
});

test("an upload whose answer is lost is sent again and kept once", async () => {
  const hd = connect();
  const content = new Uint8Array(randomBytes(200_000));
  await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? "lose" : "pass"));
  const through = connect({
    fetch: (url, init) => fetch(String(url).startsWith(inject("baseUrl")) && init?.method === "PUT" ? String(url).replace(inject("baseUrl"), between.url) : url, init),
  });
  const { file_id } = await through.files.upload(content, { filename: "a.bin", content_type: "audio/wav" });
  expect(between.seen.map((s) => s.method)).toEqual(["PUT", "PUT"]);
  expect(between.seen[0]!.headers.authorization).toBeUndefined();
  expect(await hd.files.get(file_id)).toMatchObject({ status: "uploaded", bytes: content.length });
});

test("a deleted webhook whose answer is lost is deleted", async () => {
  const { id } = await connect().webhooks.create({ url: "http://127.0.0.1:9999/hook" });
  await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? "lose" : "pass"));
  await connect({ baseUrl: between.url }).webhooks.delete(id);
  await expect(connect().webhooks.get(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test.each([408, 429, 502, 503, 504])("a %i is tried again", async (status) => {
  await using between = await proxy(inject("baseUrl"), (n) => (n < 2 ? { status } : "pass"));
  await connect({ baseUrl: between.url }).money.balance();
  expect(between.seen).toHaveLength(3);
});

test.each([400, 401, 403, 404, 409, 500])("a %i is not", async (status) => {
  await using between = await proxy(inject("baseUrl"), () => ({ status }));
  await expect(connect({ baseUrl: between.url }).money.balance()).rejects.toMatchObject({ status, code: `HTTP_${status}` });
  expect(between.seen).toHaveLength(1);
});

test("after two retries the error is thrown, with what the one in between said", async () => {
  await using between = await proxy(inject("baseUrl"), () => ({ status: 502, body: "<h1>Bad gateway</h1>", headers: { "x-request-id": "req_1" } }));
  const error = await connect({ baseUrl: between.url }).money.balance().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ code: "HTTP_502", requestId: "req_1", message: "HTTP_502: <h1>Bad gateway</h1> (req_1)" });
  expect(between.seen).toHaveLength(3);
});

test("retries can be switched off, for a client and for a request", async () => {
  await using between = await proxy(inject("baseUrl"), () => "lose");
  await expect(connect({ baseUrl: between.url, maxRetries: 0 }).money.balance()).rejects.toBeInstanceOf(ConnectionError);
  await expect(connect({ baseUrl: between.url }).money.balance({ maxRetries: 0 })).rejects.toBeInstanceOf(ConnectionError);
  expect(between.seen).toHaveLength(2);
});

test("Retry-After is waited for, in seconds and as a date", async () => {
  const at = new Date(Date.now() + 1500).toUTCString(); // whole seconds: within one from now
  for (const after of ["0", "1", at]) {
    await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? { status: 429, headers: { "retry-after": after } } : "pass"));
    await connect({ baseUrl: between.url, retryDelay: 1e9 }).money.balance(); // would wait for days by itself
    expect(between.seen).toHaveLength(2);
  }
});

test("a Retry-After that is too long is thrown at once", async () => {
  const body = JSON.stringify({ error: { http_status: 429, code: "RATE_LIMITED", message: "Slow down", details: {}, request_id: "req_2" } });
  await using between = await proxy(inject("baseUrl"), () => ({ status: 429, headers: { "retry-after": "61" }, body }));
  const error = await connect({ baseUrl: between.url }).money.balance().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(RateLimitedError);
  expect(error).toMatchObject({ retryAfterMs: 61_000, requestId: "req_2" });
  expect(between.seen).toHaveLength(1);
});

test("what is not answered in time is tried again, and then a timeout", async () => {
  await using once = await proxy(inject("baseUrl"), (n) => (n === 0 ? "hang" : "pass"));
  await connect({ baseUrl: once.url, timeout: 1000 }).money.balance();
  expect(once.seen).toHaveLength(2);

  await using never = await proxy(inject("baseUrl"), () => "hang");
  const error = await connect({ baseUrl: never.url }).money.balance({ timeout: 20 }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TimeoutError);
  expect((error as Error).message).toBe("GET /v1/balance: no answer within 20 ms");
  expect(never.seen).toHaveLength(3);
});

test("an abort ends a request and the wait before a retry, with the caller's reason", async () => {
  const reason = new Error("enough");
  const stop = new AbortController();
  await using hangs = await proxy(inject("baseUrl"), () => (stop.abort(reason), "hang"));
  await expect(connect({ baseUrl: hangs.url }).money.balance({ signal: stop.signal })).rejects.toBe(reason);
  expect(hangs.seen).toHaveLength(1);

  const later = new AbortController();
  await using waits = await proxy(inject("baseUrl"), () => {
    setTimeout(() => later.abort(reason), 50);
    return { status: 503, headers: { "retry-after": "30" } };
  });
  await expect(connect({ baseUrl: waits.url }).money.balance({ signal: later.signal })).rejects.toBe(reason);
  expect(waits.seen).toHaveLength(1);

  await expect(connect().money.balance({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a key of your own makes a repeated call one, and another body under it is refused", async () => {
  const body = podcast();
  const idempotencyKey = body.title;
  const first = await connect().tasks.create(body, { idempotencyKey });
  expect((await connect().tasks.create(body, { idempotencyKey })).id).toBe(first.id);
  await expect(connect().tasks.create({ ...body, title: "Another" }, { idempotencyKey })).rejects.toBeInstanceOf(IdempotencyConflictError);
});

test("without a key of your own each call is one", async () => {
  const body = podcast();
  const [a, b] = await Promise.all([connect().tasks.create(body), connect().tasks.create(body)]);
  expect(a.id).not.toBe(b.id);
});

test("answers that break off are asked for again", async () => {
  await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? { status: 200, headers: { "content-length": "100" }, body: '{"balances"' } : "pass"));
  await connect({ baseUrl: between.url, timeout: 1000 }).money.balance();
  expect(between.seen).toHaveLength(2);
});

test("work is accepted once, also when accepting is answered twice", async () => {
  const hd = connect();
  const { person, booking } = await booked(hd);
  await person.client.bookings.checkin(booking.id, { lat: 43.6544, lng: -79.3807, accuracy_m: 10 });
  await person.client.workOrders.registerDeliverables(booking.work_order_id, await recordings(person.client));
  await hd.workOrders.getQA(booking.work_order_id, { wait_seconds: 50 });
  await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? "lose" : "pass"));
  expect((await connect({ baseUrl: between.url }).workOrders.accept(booking.work_order_id)).status).toBe("accepted");
  const payouts = [];
  for await (const payout of hd.money.listPayouts()) if (payout.booking_id === booking.id) payouts.push(payout);
  expect(payouts).toHaveLength(1);
});

test("quotes are not accepted twice", async () => {
  const { quote } = await quoted(connect());
  await using between = await proxy(inject("baseUrl"), (n) => (n === 0 ? "lose" : "pass"));
  expect((await connect({ baseUrl: between.url }).quotes.accept(quote.id)).status).toBe("accepted");
});
